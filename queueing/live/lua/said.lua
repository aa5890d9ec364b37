-- What was said in one conversation, for who asks after its end. It changes nothing, so that asking brings nothing back.
-- include: lib/chat
-- keys: conv operator chat
--
-- ARGV    conversation
-- reply   {record, operator's name, how many older lines are no longer kept, {line, …}, {what is known of a file, …}}; record '': not
--         known (any more)
-- errors  none
local cid = ARGV[1]
local text = redis.call('HGET', K['conv'], cid)
local readable, record = pcall(cjson.decode, text or '')
if not readable or type(record) ~= 'table' then return {'', '', 0, {}, {}} end
local op = record.operator
local total = tonumber(redis.call('HGET', K['chat'], cid .. ':n')) or 0
local first = math.max(1, total - CHAT_KEEP + 1)
local lines = {}
for n = first, total do
  lines[#lines + 1] = redis.call('HGET', K['chat'], cid .. '/' .. n) or nil
end
return {text, op and (redis.call('HGET', K['operator'], op .. ':name') or op) or '', first - 1, lines, infos_of(cid)}
