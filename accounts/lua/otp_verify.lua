-- keys: otp otp:due
-- Tries one answer: counts it, compares in constant time, and uses the code up. One atomic step, so that of many
-- simultaneous right answers exactly one succeeds and wrong ones never exceed the attempts.
--
-- Two codes may be meant: the one this browser asked for, and the one a command printed, which is whose it is given to.
-- A wrong answer counts against the browser's own code; against the printed one it counts for the address that gave it
-- alone, so that nobody voids it for others.
--
-- KEYS[1] otp      hash   slot -> "<expires ms>:<attempts left>:<code digest>";
--                         of a printed code a random mark stands in the place of the attempts, and
--                         "<slot>/<mark>/<address>" holds those of an address that answered it wrongly
-- KEYS[2] otp:due  zset   the same names by expiry in ms
-- ARGV    the browser's slot ('' without one), the printed code's slot, digest of the answer, digest of the address,
--         attempts that an address has with a printed code
-- reply   "ok" | "wrong" | "burned" (wrong, and no code is left for this browser) | "none" (no code in force)
-- errors  none
local own, printed, answer, address, attempts = ARGV[1], ARGV[2], ARGV[3], ARGV[4], tonumber(ARGV[5])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

local function forget(name)
  redis.call('HDEL', K['otp'], name)
  redis.call('ZREM', K['otp:due'], name)
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

-- expires (as text), attempts left, digest; nothing for a slot that is empty, out of time or damaged.
local function read(name, least)
  local stored = name ~= '' and redis.call('HGET', K['otp'], name)
  if not stored then return end
  local expires, left, digest = string.match(stored, '^(%d+):(%d+):(%x+)$')
  if not digest or tonumber(expires) <= now or tonumber(left) < least then
    forget(name)
    return
  end
  return expires, tonumber(left), digest
end

local function keep(name, expires, left, digest)
  redis.call('HSET', K['otp'], name, expires .. ':' .. string.format('%d', left) .. ':' .. digest)
  redis.call('ZADD', K['otp:due'], expires, name)
end

local outcome = 'none'
local expires, left, digest = read(own, 1)
if digest then
  if equal(digest, answer) then
    forget(own)
    return 'ok'
  end
  outcome = 'burned'
  if left > 1 then
    outcome = 'wrong'
    keep(own, expires, left - 1, digest)
  else
    forget(own)
  end
end

expires, left, digest = read(printed, 1)
if digest then
  local tries = printed .. '/' .. left .. '/' .. address
  local _, mine = read(tries, 0)
  mine = mine or attempts
  if mine > 0 then
    if equal(digest, answer) then
      forget(printed)
      return 'ok'
    end
    keep(tries, expires, mine - 1, digest)
    if mine > 1 then
      outcome = 'wrong'
    elseif outcome == 'none' then
      outcome = 'burned'
    end
  end
end
return outcome
