-- What one operator's desk shows.
-- keys: available wrapup serving operator
--
-- ARGV    operator
-- reply   {available 1|0, wrap-up until (ms) or 0, conversation or '', why on a break unasked or ''}
-- errors  none
local op = ARGV[1]
return {redis.call('ZSCORE', K['available'], op) and 1 or 0, redis.call('ZSCORE', K['wrapup'], op) or 0,
  redis.call('HGET', K['serving'], op) or '', redis.call('HGET', K['operator'], op .. ':break') or ''}
