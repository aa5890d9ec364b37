-- What a party has of its mailbox: acknowledged, asked for again after a reconnect, rebuilt, dropped.
-- include: infra/mailbox
-- keys: meta
local function delete_mail(party, first, last)
  for from = first, last, 500 do
    local fields = {}
    for seq = from, math.min(from + 499, last) do fields[#fields + 1] = party .. '/' .. int(seq) end
    if #fields > 0 then redis.call('HDEL', K['mail'], unpack(fields)) end
  end
end

-- Everything up to seq has arrived. Answers false when nothing that high was ever sent.
local function acknowledge(party, seq)
  local known = redis.call('HMGET', K['box'], party .. ':seq', party .. ':floor')
  local last, floor = tonumber(known[1]) or 0, tonumber(known[2]) or 0
  if seq > last then return false end
  if seq > floor then
    delete_mail(party, floor + 1, seq)
    redis.call('HSET', K['box'], party .. ':floor', int(seq))
  end
  return true
end

-- Frames after seq as a flat list {seq, stored, …}, or nil when one of them is gone.
local function frames_after(party, seq)
  local last = tonumber(redis.call('HGET', K['box'], party .. ':seq')) or 0
  local found = {}
  for next = seq + 1, last do
    local stored = redis.call('HGET', K['mail'], party .. '/' .. int(next))
    if not stored then return nil end
    found[#found + 1] = int(next)
    found[#found + 1] = stored
  end
  return found
end

-- Always a new number, also within one millisecond and after a wipe: it tells clients that numbering began again.
local function next_epoch(party, now) return math.max(now, (tonumber(redis.call('HGET', K['box'], party .. ':epoch')) or 0) + 1) end

local function rebuild(party, now)
  local epoch = next_epoch(party, now)
  local known = redis.call('HMGET', K['box'], party .. ':seq', party .. ':floor')
  delete_mail(party, (tonumber(known[2]) or 0) + 1, tonumber(known[1]) or 0)
  redis.call('HSET', K['box'], party .. ':seq', 0, party .. ':floor', 0, party .. ':epoch', int(epoch),
    party .. ':inc', redis.call('HGET', K['meta'], 'incarnation') or 0)
  return epoch
end

-- Exactly the frames after last_seq, or nil when they cannot all be given (other epoch, trimmed, Redis restarted).
local function resume(party, epoch, last_seq)
  local known = redis.call('HMGET', K['box'], party .. ':epoch', party .. ':inc', party .. ':floor', party .. ':seq')
  if not known[1] or known[1] ~= epoch then return nil end
  if known[2] ~= redis.call('HGET', K['meta'], 'incarnation') then return nil end
  if last_seq < (tonumber(known[3]) or 0) or last_seq > (tonumber(known[4]) or 0) then return nil end
  local found = frames_after(party, last_seq)
  if found then acknowledge(party, last_seq) end
  return found
end

local function drop_box(party)
  local known = redis.call('HMGET', K['box'], party .. ':seq', party .. ':floor')
  delete_mail(party, (tonumber(known[2]) or 0) + 1, tonumber(known[1]) or 0)
  redis.call('HDEL', K['box'], party .. ':seq', party .. ':floor', party .. ':epoch', party .. ':inc', party .. ':home')
end
