-- After a wipe, or a restart that lost the last second: a signed token brings a conversation back, in its old place or in its running call.
-- include: lib/revival
--
-- ARGV    cfg JSON, conn, record JSON {id, name, …, ticket, joined_at, claimed_at?, operator?, places?}, operator's name or ''
-- reply   attached, as attach.lua
-- errors  expired: nothing was lost, or the grace since then is over
local cfg, conn, record = cjson.decode(ARGV[1]), ARGV[2], cjson.decode(ARGV[3])
local cid = record.id
notice_wipe(cfg)
if not get(cid) then
  local grace = record.operator and cfg.call_grace or record.mobile and cfg.queue_grace_mobile or cfg.queue_grace
  if now > forgot_at() + grace then return fail('expired') end
  local op = record.operator
  if op and redis.call('HEXISTS', K['serving'], op) == 1 then
    op, record.operator, record.claimed_at = nil, nil, nil
  end
  revive(cfg, record, ARGV[4])
  if op and redis.call('HGET', K['conn'], operator(op)) then
    -- It is there already and has to come again to draw the call.
    tell_resync(operator(op), cid)
  elseif op then
    redis.call('ZADD', K['grace'], int(now + cfg.call_grace), operator(op))
  end
end
take_over(cfg, customer(cid), conn)
local answer = attached(customer(cid), '', -1, cid)
match(cfg)
return answer
