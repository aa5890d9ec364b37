import { linked } from "./ui/shared/chat/links.js";

// The admin's page of a conversation: its chat is text, and addresses in it become links as in the chat itself.
for (const line of document.querySelectorAll(".ad-conversation-chat .ad-bubble p")) {
  line.replaceChildren(...linked(line.textContent ?? ""));
}
