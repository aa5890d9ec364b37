-- Whether an operator may have been in a call that this Redis does not know: it was wiped or restarted a moment ago.
-- include: lib/revival
--
-- ARGV    cfg JSON, operator
-- reply   1 | 0
-- errors  none
local cfg, op = cjson.decode(ARGV[1]), ARGV[2]
notice_wipe(cfg)
local may = redis.call('HEXISTS', K['serving'], op) == 0 and now <= forgot_at() + cfg.call_grace
return may and 1 or 0
