-- The hot path: stores numbered frames for the other party and wakes its process. Durable when it returns.
--
-- A process hands over what came from all of its sockets in one turn. Each frame has a verdict of its own, whatever
-- becomes of the others; each process is told once of all that is for it.
-- include: infra/mailbox lib/sent lib/chat
-- keys: active serving gen chat journal file conv
--
-- ARGV    for each frame: party, conn, conversation ('' = the current one), id, type, gen ('' = none), frame,
--         file ('' = none)
-- reply   for each frame, without a list when it is alone: 1 stored, 0 stored before, or an error
-- errors  replaced, lapsed; not_in_call; wrong_conversation; file_unknown: the sender has shared none of that id here
local WORDS = 8
local notices = {}

-- Of an operator who has the conversation no longer: whether the line had arrived. Numbers of the last operator stand under
-- `o`, those of one before under its name.
local function had_arrived(cid, op, id)
  local readable, record = pcall(cjson.decode, redis.call('HGET', K['conv'], cid) or '')
  local last = readable and (record.operator or record.before)
  return is_sent(cid, 'o' .. (last == op and '' or ':' .. op .. '|'), id)
end

local function relay(party, conn, cid, id, kind, gen, frame, file)
  local from, own, peer = string.sub(party, 1, 1), string.sub(party, 3), nil
  local wrong = false
  if from == 'c' then
    wrong = cid ~= '' and cid ~= own
    local op = redis.call('HGET', K['active'], own)
    cid, peer = own, op and 'o:' .. op
  else
    local current = redis.call('HGET', K['serving'], own)
    if cid == '' then cid = current or '' end
    peer = current == cid and 'c:' .. cid
  end
  local conns = redis.call('HMGET', K['conn'], party, peer or '')
  if conns[1] ~= conn then return fail(conns[1] and 'replaced' or 'lapsed') end
  if wrong then return fail('wrong_conversation') end
  if not peer then
    -- Re-sent after the end, or when the customer has another operator, because the answer was lost: it did arrive.
    local arrived
    if from == 'c' then arrived = is_sent(cid, from, id) else arrived = had_arrived(cid, own, id) end
    if arrived then return 0 end
    return fail((from == 'c' or cid == '') and 'not_in_call' or 'wrong_conversation')
  end
  local info = file ~= '' and redis.call('HGET', K['file'], cid .. '/' .. from .. '/' .. file)
  if file ~= '' and not info then
    if is_sent(cid, from, id) then return 0 end
    return fail('file_unknown')
  end
  -- What the sender's numbers are, and the last one of the receiver's mailbox, is read and written together.
  local sent, last = cid .. '/' .. from, peer .. ':seq'
  local box = redis.call('HMGET', K['box'], sent, last, peer .. ':floor', peer .. ':epoch')
  local ranges, seq = with_number(box[1] or '', id), (tonumber(box[2]) or 0) + 1
  if not ranges then return 0 end
  redis.call('HSET', K['box'], sent, ranges, last, int(seq))

  if kind == 'chat:message' then
    local clock = redis.call('TIME')
    local at = int(clock[1] * 1000 + math.floor(clock[2] / 1000))
    local sender = from == 'c' and 'customer' or 'operator'
    frame = string.sub(frame, 1, -2) .. ',"at":' .. at .. (info and ',"file":' .. info or '') .. '}'
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
  local number = lay_in(peer, seq, box[3], cid, frame)
  if conns[2] then
    local process = process_of(conns[2])
    notices[process] = notices[process] or {}
    table.insert(notices[process], notice(peer, number, box[4] or '0', cid, 'o', frame))
  end
  return 1
end

local replies = {}
for at = 1, #ARGV, WORDS do
  local whole, reply = pcall(relay, unpack(ARGV, at, at + WORDS - 1))
  -- What Redis raises is a table of its own since 7, and text before.
  if not whole and type(reply) == 'string' then reply = redis.error_reply(reply) end
  replies[#replies + 1] = reply
end
for process, told in pairs(notices) do
  if not told[2] or redis.call('PUBLISH', PREFIX .. 'b:' .. process, table.concat(told, '\n')) == 0 then
    for _, one in ipairs(told) do tell_process(process, one) end
  end
end
return #replies == 1 and replies[1] or replies
