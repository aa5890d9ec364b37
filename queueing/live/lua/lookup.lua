-- How it stands with one conversation, for somebody who came too late for it.
-- keys: conv operator
--
-- ARGV    conversation
-- reply   {status, operator's name, reason}; {'', '', ''} for one that is not known (any more)
-- errors  none
local text = redis.call('HGET', K['conv'], ARGV[1])
if not text then return {'', '', ''} end
local record = cjson.decode(text)
local op = record.operator
local name = op and (redis.call('HGET', K['operator'], op .. ':name') or op) or ''
return {record.status or '', name, record.reason or ''}
