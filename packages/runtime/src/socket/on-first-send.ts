/** What is loaded when an instance first reaches for a connection of the socket, or asks who has one. */
export { toMessageText } from "./message-text.js";
export { connectSocket } from "./socket-reach.js";
