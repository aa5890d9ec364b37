-- Counts one action of somebody against a rate (GCRA): a burst at once, then evenly.
-- keys: rates
--
-- rates   zset  "<action>:<digest of who>" by the time (ms) when the whole burst is free again
-- ARGV    name, amount, period (ms) in which that amount is allowed
-- reply   0 allowed, else milliseconds to wait
-- errors  none
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local amount, period = tonumber(ARGV[2]), tonumber(ARGV[3])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', string.format('%.0f', now))
local free_at = math.max(now, tonumber(redis.call('ZSCORE', KEYS[1], ARGV[1])) or 0) + period / amount
if free_at > now + period then return math.ceil(free_at - now - period) end
redis.call('ZADD', KEYS[1], string.format('%.3f', free_at), ARGV[1])
return 0
