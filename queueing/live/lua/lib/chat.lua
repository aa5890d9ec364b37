-- How much of what was said stays in the live state, and the files that were shared meanwhile.
-- keys: file
--
-- file  hash  "<conversation>:all" those below, with spaces between; "<conversation>/<side>/<file>" -> what is known of it, JSON
local CHAT_KEEP = 500

-- The fields of a conversation's files. Few: so many may be shared, and a page pays for each.
local function file_fields(cid)
  local fields = {}
  for file in string.gmatch(redis.call('HGET', K['file'], cid .. ':all') or '', '%S+') do
    fields[#fields + 1] = cid .. '/' .. file
  end
  return fields
end

-- What is known of a conversation's files now. A line of chat says what was known when it was sent.
local function infos_of(cid)
  local fields = file_fields(cid)
  return #fields > 0 and redis.call('HMGET', K['file'], unpack(fields)) or {}
end
