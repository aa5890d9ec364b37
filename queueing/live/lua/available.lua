-- An operator goes on shift (which ends a wrap-up at once) or on a break (which never ends a running call).
-- include: lib/rules
--
-- ARGV    cfg JSON, operator, conn, 1 | 0
-- reply   {available 1|0, wrap-up until (ms) or 0, conversation or ''}
-- errors  replaced, lapsed
local cfg, op = cjson.decode(ARGV[1]), ARGV[2]
if not speaks(operator(op), ARGV[3]) then return unheard(operator(op)) end
redis.call('HSET', K['operator'], op .. ':wants', ARGV[4])
if ARGV[4] == '1' then
  become_available(op)
  match(cfg)
else
  redis.call('ZREM', K['available'], op)
  redis.call('ZREM', K['wrapup'], op)
end
notify()
local until_ms = redis.call('ZSCORE', K['wrapup'], op)
return {redis.call('ZSCORE', K['available'], op) and 1 or 0, until_ms or 0, redis.call('HGET', K['serving'], op) or ''}
