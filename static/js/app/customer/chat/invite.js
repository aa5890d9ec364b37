/** What only a chat needs, as it may become a call (core/later.js): both sides' proposals of one. */
export { InvitationDesk } from "./invitation-desk.js";
