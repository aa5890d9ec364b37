-- How much of what was said stays in the live state.
local CHAT_KEEP = 500
