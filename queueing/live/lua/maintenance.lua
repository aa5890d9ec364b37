-- No new customers while on; who waits or talks is served on.
-- keys: meta
--
-- ARGV    on | off | status, message for customers or '', planned end (ms) or ''
-- reply   {on 1|0, message or '', planned end (ms) or ''}
-- errors  none
local meta = K['meta']
if ARGV[1] ~= 'status' then
  redis.call('HSET', meta, 'maintenance', ARGV[1] == 'on' and '1' or '0')
  redis.call('HDEL', meta, 'maintenance_message', 'maintenance_until')
  if ARGV[1] == 'on' and ARGV[2] ~= '' then redis.call('HSET', meta, 'maintenance_message', ARGV[2]) end
  if ARGV[1] == 'on' and ARGV[3] ~= '' then redis.call('HSET', meta, 'maintenance_until', ARGV[3]) end
  redis.call('PUBLISH', PREFIX .. 'all', 'maintenance')
end
local state = redis.call('HMGET', meta, 'maintenance', 'maintenance_message', 'maintenance_until')
return {state[1] == '1' and 1 or 0, state[2] or '', state[3] or ''}
