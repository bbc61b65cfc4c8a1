/** Anybody may read and add bookmarks; who has signed in owns them, and is told how their jobs get on. */
export { userOf as authenticate } from "#lib/sessions.js";
