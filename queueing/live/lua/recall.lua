-- The same from the other side: an operator who comes back goes on in the call that the database records as running, before
-- anybody else is given to it. The customer has a grace to follow. A claim of the last second may stand nowhere but on the
-- operator's page: what that names is taken out of the queue, where the database or a token still has it.
-- include: lib/revival
--
-- ARGV    cfg JSON, operator, operator's name, record JSON {id, name, …, ticket, joined_at, claimed_at}; without
--         claimed_at it is recorded as waiting, with the id alone not at all
-- reply   1: the call is there | 0: there is nothing to bring back any more
-- errors  none
local cfg, op, record = cjson.decode(ARGV[1]), ARGV[2], cjson.decode(ARGV[4])
local cid = record.id
notice_wipe(cfg)
if redis.call('HEXISTS', K['serving'], op) == 1 or now > forgot_at() + cfg.call_grace then return 0 end
local known = get(cid)
if known and known.status ~= 'waiting' or not known and not record.ticket then return 0 end
if not known and not record.claimed_at then
  revive(cfg, record)
  known = record
end
if known then
  -- Its token alone brought it back, into the queue: it is talking with this operator, and waits for nobody else.
  local rank = rank_of(cid)
  local plan = rank and plan_claim(op, cid, {jumped = rank})
  if not plan then return 0 end
  redis.call('HSET', K['operator'], op .. ':name', ARGV[3], op .. ':wants', 1)
  claim(cfg, plan)
  -- They were talking.
  redis.call('ZREM', K['answer'], cid)
else
  record.operator = op
  revive(cfg, record, ARGV[3])
  redis.call('ZADD', K['grace'], int(now + cfg.call_grace), customer(cid))
end
-- It is about to take its desk; if it does not, its grace ends the call as any other.
if not redis.call('HGET', K['conn'], operator(op)) then
  redis.call('ZADD', K['grace'], int(now + cfg.call_grace), operator(op))
else
  tell_resync(operator(op), cid)
end
return 1
