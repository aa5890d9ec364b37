-- No new customers while on; who waits or talks is served on.
-- keys: meta
--
-- ARGV    on | off | status
-- reply   1 on, 0 off
-- errors  none
if ARGV[1] ~= 'status' then
  redis.call('HSET', K['meta'], 'maintenance', ARGV[1] == 'on' and '1' or '0')
  redis.call('PUBLISH', PREFIX .. 'all', 'maintenance')
end
return redis.call('HGET', K['meta'], 'maintenance') == '1' and 1 or 0
