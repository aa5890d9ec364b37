-- Ended conversations' state is dropped with the next tick instead of after STATE_TTL_SECS, also under an open socket, and
-- what their operators have not acknowledged yet goes with it.
-- include: lib/rules
--
-- ARGV    conversation…
-- reply   how many are ended and will be dropped
-- errors  none
local function speaks_of(party, cid)
  local known = redis.call('HMGET', K['box'], party .. ':seq', party .. ':floor')
  for seq = (tonumber(known[2]) or 0) + 1, tonumber(known[1]) or 0 do
    local kept = redis.call('HGET', K['mail'], party .. '/' .. int(seq))
    if kept and string.sub(kept, 1, #cid + 1) == cid .. '\n' then return true end
  end
end

local found = 0
for _, cid in ipairs(ARGV) do
  if redis.call('ZSCORE', K['ended'], cid) then
    local party, record = customer(cid), get(cid)
    local desk = record and record.operator and operator(record.operator)
    -- Numbers have no gaps, so the mailbox goes as a whole; the console draws itself from the state.
    if desk and speaks_of(desk, cid) then
      drop_box(desk)
      if redis.call('HGET', K['conn'], desk) then tell_resync(desk, cid) end
    end
    local conn = redis.call('HGET', K['conn'], party)
    if conn then release(party, conn) end
    redis.call('ZADD', K['ended'], 0, cid)
    found = found + 1
  end
end
return found
