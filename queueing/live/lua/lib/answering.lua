-- A match that nobody answers is undone: the customer goes back to the head of the queue, the operator on a break.
-- include: lib/handing_back
local RETRY_MS = 5000

-- Answers whether there was a match to undo.
local function give_back(cfg, cid, reason)
  local record = get(cid)
  if not record or record.status ~= 'active' then return false end
  local op = record.operator
  hand_back(cfg, record, {reason = reason, by = 'system', kind = 'given-back'})
  redis.call('HDEL', K['serving'], op)
  redis.call('HSET', K['operator'], op .. ':wants', 0, op .. ':break', reason)
  end_holds_for(op)
  tell_operator_state(op)
  count('given_back')
  return true
end

-- Whether the operator's page has read that there is a call: as a frame, or as the whole state of a mailbox made anew.
local function has_read(record)
  local party = operator(record.operator)
  local epoch, seq = ready_mark(record, party)
  local known = redis.call('HMGET', K['box'], party .. ':epoch', party .. ':floor')
  return known[1] and known[1] ~= epoch or (tonumber(known[2]) or 0) >= (seq or 1)
end

-- Its time is over. A page that never said that it rings tells of no answer either: there, having read it is enough.
local function judge(cfg, cid)
  local record = get(cid)
  local op = record and record.status == 'active' and record.operator
  local rings = op and redis.call('HGET', K['operator'], op .. ':rings') == cid
  if not op or not rings and has_read(record) then return redis.call('ZREM', K['answer'], cid) end
  return give_back(cfg, cid, 'unanswered')
end

local function give_back_unanswered(cfg)
  -- While nobody could reach us nobody could answer.
  if now < meta('reachable_at') + cfg.call_grace then return end
  for _, cid in ipairs(redis.call('ZRANGEBYSCORE', K['answer'], '-inf', int(now), 'LIMIT', 0, 100)) do
    local done, why = pcall(judge, cfg, cid)
    if not done then
      redis.call('ZADD', K['answer'], 'XX', int(now + RETRY_MS), cid)
      fault('give back', why)
    end
  end
end
