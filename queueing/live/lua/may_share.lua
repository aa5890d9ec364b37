-- May this party add a file to this conversation now? It changes nothing.
-- keys: conv active
--
-- ARGV    party, conversation
-- reply   1
-- errors  unknown: no such conversation; not_in_call: it waits, or is over; wrong_conversation: another operator's
local party, cid = ARGV[1], ARGV[2]
if redis.call('HEXISTS', K['conv'], cid) == 0 then return redis.error_reply('ADM unknown') end
local op = redis.call('HGET', K['active'], cid)
if not op then return redis.error_reply('ADM not_in_call') end
if party ~= 'c:' .. cid and party ~= 'o:' .. op then return redis.error_reply('ADM wrong_conversation') end
return 1
