-- A conversation leaves its operator and waits again, at the head of the queue: nobody answered, or it is passed on. What
-- becomes of the operator's desk is for the caller to say.
-- include: lib/rules
--
-- Descriptions of the call with the next operator stand above all that can still come from the one before.
local GEN_STEP = 1000

-- How the customer and its operator part. The customer keeps its conversation,
-- mailbox, chat and place before all who wait; its time to wait begins anew.
--
-- how  {reason, by, kind: of the journal's entry; of a transfer also sender: a name, note?, to?: the name of whoever is to come,
--       held: for whom, as `hold` has it, until_ms, line: another one}
local function hand_back(cfg, record, how)
  local cid, op, trace = record.id, record.operator, record.trace
  local party = customer(cid)
  local first = tonumber(redis.call('ZRANGE', K['line'], 0, 0, 'WITHSCORES')[2])
  if first and first <= tonumber(record.ticket) then record.ticket = int(first - HEAD_ROOM_US) end
  local data = {operator = op, reason = how.reason, after_ms = math.max(0, now - record.claimed_at), ticket = record.ticket,
    to = how.to, note = how.note, line = how.line}
  record.status, record.operator, record.claimed_at, record.ready, record.chosen = 'waiting', nil, nil, nil, nil
  record.waiting_since, record.given_back, record.before = now, (record.given_back or 0) + 1, op
  record.held, record.invitation = how.held, nil
  record.above = int(last_id(operator(op), cid))
  if how.sender then record.sender, record.note = how.sender, how.note end
  local stored, entry = cjson.encode(record), cjson.encode(data)
  local waiting = length_of(record.line or '') + 1
  local back = frame('queue:returned', {
    reason = how.reason, position = 1, waiting = waiting, to = how.to and {name = how.to} or nil,
  })
  local goodbye = frame('call:ended', {reason = how.reason, by = how.by})

  redis.call('HDEL', K['active'], cid)
  redis.call('ZREM', K['answer'], cid)
  enqueue(record)
  if how.held then redis.call('ZADD', K['hold'], int(how.until_ms), cid .. '/' .. how.held) end
  take_places(cid, record.places)
  save(cid, stored)
  redis.call('HINCRBY', K['gen'], cid, GEN_STEP)
  redis.call('HDEL', K['call'], party, operator(op))
  forget_media(cid)
  local deadline = tonumber(redis.call('ZSCORE', K['grace'], party))
  if deadline then
    redis.call('ZADD', K['grace'], int(deadline - cfg.call_grace + grace_ms(cfg, cid, false)), party)
  end
  put(operator(op), cid, 'e', goodbye)
  put(party, cid, 'w', back)
  journal(how.kind, cid, trace, entry)
  notify()
end
