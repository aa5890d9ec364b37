-- The hot path: stores one numbered frame for the other party and wakes its process. Durable when it returns.
-- include: infra/mailbox lib/chat
-- keys: active serving sent gen chat journal
--
-- ARGV    party, conn, conversation ('' = the current one), id (16 digits), type, gen ('' = none), frame, by (journal)
-- reply   1 stored, 0 stored before
-- errors  replaced, lapsed; not_in_call; wrong_conversation
local party, conn, cid, id, kind, gen, frame = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[6], ARGV[7]
if not speaks(party, conn) then return unheard(party) end

local from, peer = string.sub(party, 1, 1), nil
if from == 'c' then
  if cid ~= '' and cid ~= string.sub(party, 3) then return fail('wrong_conversation') end
  cid = string.sub(party, 3)
  local op = redis.call('HGET', K['active'], cid)
  peer = op and 'o:' .. op
else
  local current = redis.call('HGET', K['serving'], string.sub(party, 3))
  if cid == '' then cid = current or '' end
  peer = current == cid and 'c:' .. cid
end
local member = cid .. '/' .. from .. '/' .. id
if not peer then
  -- Re-sent after the end, because the answer was lost: it did arrive.
  if redis.call('ZSCORE', K['sent'], member) then return 0 end
  return fail((from == 'c' or cid == '') and 'not_in_call' or 'wrong_conversation')
end
if redis.call('ZADD', K['sent'], 'NX', 0, member) == 0 then return 0 end

if kind == 'chat:message' then
  local clock = redis.call('TIME')
  local at = int(clock[1] * 1000 + math.floor(clock[2] / 1000))
  local sender = from == 'c' and 'customer' or 'operator'
  frame = string.sub(frame, 1, -2) .. ',"at":' .. at .. '}'
  local line = string.sub(frame, 1, -2) .. ',"from":"' .. sender .. '"}'
  local n = redis.call('HINCRBY', K['chat'], cid .. ':n', 1)
  redis.call('HSET', K['chat'], cid .. '/' .. n, line)
  if n > CHAT_KEEP then redis.call('HDEL', K['chat'], cid .. '/' .. (n - CHAT_KEEP)) end
  redis.call('XADD', K['journal'], '*', 'type', 'chat', 'conversation', cid, 'at', at, 'data', line)
elseif gen ~= '' then
  if tonumber(gen) > (tonumber(redis.call('HGET', K['gen'], cid)) or -1) then redis.call('HSET', K['gen'], cid, gen) end
elseif kind == 'call:control' then
  local clock = redis.call('TIME')
  redis.call('XADD', K['journal'], '*', 'type', kind, 'conversation', cid,
    'at', int(clock[1] * 1000 + math.floor(clock[2] / 1000)), 'data', frame)
end
put(peer, cid, 'o', frame)
return 1
