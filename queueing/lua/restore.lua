-- After a wipe, or a restart that lost the last second: a signed token brings a conversation back, in its old place or in its running call.
-- include: lib/rules
--
-- ARGV    cfg JSON, conn, record JSON {id, name, …, ticket, joined_at, claimed_at?, operator?, places?}, operator's name or ''
-- reply   attached, as attach.lua
-- errors  expired: nothing was lost, or the grace since then is over
local cfg, conn, record = cjson.decode(ARGV[1]), ARGV[2], cjson.decode(ARGV[3])
local cid = record.id
notice_wipe(cfg)
if not get(cid) then
  local grace = record.operator and cfg.call_grace or record.mobile and cfg.queue_grace_mobile or cfg.queue_grace
  if now > math.max(meta('generation_at'), meta('restarted_at')) + grace then return fail('expired') end
  local op = record.operator
  if op and redis.call('HEXISTS', K['serving'], op) == 1 then op = nil end
  record.status = op and 'active' or 'waiting'
  if not op then record.operator, record.claimed_at = nil, nil end
  -- No frame announced this call; the page that comes draws it from the state.
  record.ready = op and {} or nil
  local stored = cjson.encode(record)
  local entry = cjson.encode({status = record.status, operator = op, name = record.name, topic = record.topic,
    locale = record.locale, media = record.media, ticket = record.ticket, joined_at = record.joined_at})
  save(cid, stored)
  if record.join_key then redis.call('HSET', K['joinkey'], record.join_key, cid) end
  count('joined')
  count('restored')
  if op then
    redis.call('HSET', K['active'], cid, op)
    redis.call('HSET', K['serving'], op, cid)
    redis.call('HSET', K['operator'], op .. ':name', ARGV[4], op .. ':wants', 1)
    redis.call('ZREM', K['available'], op)
    redis.call('ZREM', K['wrapup'], op)
    -- Whatever its console came back to since the wipe was an empty desk: nothing of that is resumed.
    drop_box(operator(op))
    if redis.call('HGET', K['conn'], operator(op)) then
      -- It is there already and has to come again to draw the call.
      tell_resync(operator(op), cid)
    else
      redis.call('ZADD', K['grace'], int(now + cfg.call_grace), operator(op))
    end
  else
    redis.call('ZADD', K['line'], record.ticket, cid)
    -- Counted, not judged: it had this place before.
    take_places(cid, record.places)
  end
  journal('restored', cid, record.trace, entry)
  notify()
end
take_over(cfg, customer(cid), conn)
local answer = attached(customer(cid), '', -1, cid)
match(cfg)
return answer
