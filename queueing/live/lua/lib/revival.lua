-- What Redis forgot comes back: a conversation in its old place, or in its running call.
-- include: lib/rules

-- Since when somebody could miss what this Redis does not know.
local function forgot_at() return math.max(meta('generation_at'), meta('restarted_at')) end

-- `record` {id, name, …, ticket, joined_at, claimed_at?, operator?, places?, booked?}: with an operator it is a running call.
local function revive(cfg, record, op_name)
  local cid, op = record.id, record.operator
  record.status = op and 'active' or 'waiting'
  -- No frame announced this call; the page that comes draws it from the state.
  record.ready = op and {} or nil
  local stored = cjson.encode(record)
  local entry = cjson.encode({status = record.status, operator = op, name = record.name, topic = record.topic,
    locale = record.locale, media = record.media, attributes = record.attributes, ticket = record.ticket,
    joined_at = record.joined_at, line = record.line, priority = record.priority, site = record.site, answers = record.answers, visit = record.visit,
    booked = record.booked})
  save(cid, stored)
  if record.join_key then redis.call('HSET', K['joinkey'], record.join_key, cid) end
  count('joined')
  count('restored')
  if op then
    redis.call('HSET', K['active'], cid, op)
    redis.call('HSET', K['serving'], op, cid)
    redis.call('HSET', K['operator'], op .. ':name', op_name, op .. ':wants', 1)
    withdraw(op)
    end_wrap_up(op, false)
    -- Whatever its console came back to since the wipe was an empty desk: nothing of that is resumed.
    drop_box(operator(op))
  else
    enqueue(record)
    -- Counted, not judged: it had this place before.
    take_places(cid, record.places)
  end
  journal('restored', cid, record.trace, entry)
  notify()
end
