-- The operator has said what came of a conversation: no more than the usual wrap-up is left of the one that waits for it.
-- include: lib/state
--
-- ARGV    cfg JSON, operator, conversation
-- reply   1 when that changed something, else 0
-- errors  none
local CHOOSING_MS = 5000
local cfg, op, cid = cjson.decode(ARGV[1]), ARGV[2], ARGV[3]
if redis.call('HGET', K['serving'], op) == cid then
  redis.call('HSET', K['operator'], op .. ':settled', cid)
  return 1
end
if redis.call('HGET', K['operator'], op .. ':asked') ~= cid then return 0 end
redis.call('HDEL', K['operator'], op .. ':asked')
local until_ms = tonumber(redis.call('ZSCORE', K['wrapup'], op))
-- Who has just chosen may still be choosing, also where there is no wrap-up otherwise.
local usual = now + math.max(cfg.wrap_up, CHOOSING_MS)
if not until_ms or until_ms <= usual then return 0 end
redis.call('ZADD', K['wrapup'], int(usual), op)
tell_operator_state(op)
notify()
return 1
