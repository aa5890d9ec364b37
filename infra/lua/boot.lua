-- Runs first on every new connection: notices a restarted or wiped Redis.
-- keys: meta
--
-- KEYS[1] meta   hash  run_id, incarnation, generation, generation_at, recover_until, hold_until
-- ARGV    pause of claims after a wipe (ms), pause of the reaper after a restart (ms), life of a lease (ms)
-- reply   incarnation: rises whenever Redis may have forgotten its last second; older mailboxes are rebuilt
-- errors  none
local meta = K['meta']
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local run_id = string.match(redis.call('INFO', 'server'), 'run_id:(%x+)')

if redis.call('HEXISTS', meta, 'generation') == 0 then
  redis.call('HSET', meta, 'generation', clock[1] .. string.format('%06d', clock[2]),
    'generation_at', string.format('%.0f', now), 'recover_until', string.format('%.0f', now + ARGV[1]))
end
if redis.call('HGET', meta, 'run_id') ~= run_id then
  redis.call('HSET', meta, 'run_id', run_id, 'hold_until', string.format('%.0f', now + ARGV[2]),
    'lease_hold', string.format('%.0f', now + ARGV[3]))
  return redis.call('HINCRBY', meta, 'incarnation', 1)
end
return tonumber(redis.call('HGET', meta, 'incarnation'))
