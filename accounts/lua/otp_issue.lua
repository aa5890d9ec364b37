-- keys: otp otp:due
-- Puts a one-time code in force in one slot, in the place of an older one there. Atomic; Redis' own clock.
--
-- KEYS[1] otp      hash   slot -> "<expires ms>:<attempts left>:<code digest>"
-- KEYS[2] otp:due  zset   slot by expiry in ms, so that codes nobody used go away
-- ARGV    slot, code digest, ttl ms, attempts (of a printed code a random mark), decoy (1 for an unknown adminId), most decoys kept
-- reply   expires, ms since 1970
-- errors  none
local slot, digest, ttl, attempts = ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

local due = redis.call('ZRANGEBYSCORE', K['otp:due'], '-inf', now, 'LIMIT', 0, 100)
if #due > 0 then
  redis.call('HDEL', K['otp'], unpack(due))
  redis.call('ZREM', K['otp:due'], unpack(due))
end

local expires = now + ttl
-- Invented names must not fill the memory; real operators are never refused for it.
if ARGV[5] == '1' and redis.call('ZCARD', K['otp:due']) >= tonumber(ARGV[6]) then
  return string.format('%.0f', expires)
end
redis.call('HSET', K['otp'], slot, string.format('%.0f:%d:%s', expires, attempts, digest))
redis.call('ZADD', K['otp:due'], expires, slot)
for _, name in ipairs({K['otp'], K['otp:due']}) do
  if redis.call('PTTL', name) < ttl then redis.call('PEXPIRE', name, ttl) end
end
return string.format('%.0f', expires)
