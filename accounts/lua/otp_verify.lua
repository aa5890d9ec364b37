-- keys: otp otp:due
-- Tries one answer: counts it, compares in constant time, and uses the code up. One atomic step, so that of many
-- simultaneous right answers exactly one succeeds and wrong ones never exceed the attempts.
--
-- KEYS[1] otp      hash   id digest -> "<expires ms>:<attempts left>:<code digest>"
-- KEYS[2] otp:due  zset   id digest by expiry in ms
-- ARGV    id digest, digest of the answer
-- reply   "ok" | "wrong" | "burned" (wrong, and the code is void now) | "none" (no code in force)
-- errors  none
local id, answer = ARGV[1], ARGV[2]
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

local function use_up()
  redis.call('HDEL', K['otp'], id)
  redis.call('ZREM', K['otp:due'], id)
end

-- Both are digests under a secret key, so timing could tell little; it tells nothing.
local function equal(a, b)
  if #a ~= #b then return false end
  local difference = 0
  for i = 1, #a do
    difference = bit.bor(difference, bit.bxor(string.byte(a, i), string.byte(b, i)))
  end
  return difference == 0
end

local stored = redis.call('HGET', K['otp'], id)
if not stored then return 'none' end
local expires, left, digest = string.match(stored, '^(%d+):(%d+):(%x+)$')
if not digest or tonumber(expires) <= now then
  use_up()
  return 'none'
end
if equal(digest, answer) then
  use_up()
  return 'ok'
end
if tonumber(left) <= 1 then
  use_up()
  return 'burned'
end
redis.call('HSET', K['otp'], id, expires .. ':' .. string.format('%d', left - 1) .. ':' .. digest)
return 'wrong'
