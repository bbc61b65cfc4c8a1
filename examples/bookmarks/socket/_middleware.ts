export { userOf as authenticate } from "#lib/sessions.js";
