-- Counts one action against rates (GCRA: a burst at once, then evenly): against all of them, or where one refuses none.
-- keys: rates
--
-- rates   zset  "<action>:<digest of who>" by the time (ms) when the whole burst is free again
-- ARGV    for each rate: name, amount, period (ms) in which that amount is allowed; no name twice
-- reply   0 allowed, else milliseconds to wait
-- errors  none
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', string.format('%.0f', now))
local counted, wait = {}, 0
for at = 1, #ARGV, 3 do
  local name, amount, period = ARGV[at], tonumber(ARGV[at + 1]), tonumber(ARGV[at + 2])
  local free_at = math.max(now, tonumber(redis.call('ZSCORE', KEYS[1], name)) or 0) + period / amount
  counted[#counted + 1] = string.format('%.3f', free_at)
  counted[#counted + 1] = name
  wait = math.max(wait, math.ceil(free_at - now - period))
end
if wait == 0 then redis.call('ZADD', KEYS[1], unpack(counted)) end
return wait
