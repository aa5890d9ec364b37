-- No new customers while on; who waits or talks is served on.
-- keys: meta
--
-- ARGV    on | off | status, message for customers or '', planned end (ms) or ''
-- reply   JSON {on, message?, until?}
-- errors  none
local meta = K['meta']
if ARGV[1] ~= 'status' then
  redis.call('HSET', meta, 'maintenance', ARGV[1] == 'on' and '1' or '0')
  redis.call('HDEL', meta, 'maintenance_message', 'maintenance_until')
  if ARGV[1] == 'on' and ARGV[2] ~= '' then redis.call('HSET', meta, 'maintenance_message', ARGV[2]) end
  if ARGV[1] == 'on' and ARGV[3] ~= '' then redis.call('HSET', meta, 'maintenance_until', ARGV[3]) end
  redis.call('PUBLISH', PREFIX .. 'all', 'maintenance')
end
local message = redis.call('HGET', meta, 'maintenance_message')
local planned = redis.call('HGET', meta, 'maintenance_until')
return cjson.encode({
  on = redis.call('HGET', meta, 'maintenance') == '1', message = message or nil, ['until'] = planned and tonumber(planned) or nil,
})
