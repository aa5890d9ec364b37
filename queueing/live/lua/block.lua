-- The copy of the block list that joins are checked against.
-- keys: blocked
--
-- blocked hash  "<kind>/<value>" -> until (ms, 0 for ever); "#rev" rises with every change; "#synced" made whole at (ms)
-- ARGV    state | set, field, until | unset, field | replace, revision that was read, JSON {field: until}
-- reply   state: {revision, made whole at (0: never), now}; else {1}, and {0} for a replace after another change
-- errors  none
local word = ARGV[1]
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local revision = redis.call('HGET', KEYS[1], '#rev') or '0'

if word == 'state' then
  return {revision, redis.call('HGET', KEYS[1], '#synced') or '0', string.format('%.0f', now)}
end
if word == 'replace' then
  if revision ~= ARGV[2] then return {0} end
  local fields = {}
  for field, ends in pairs(cjson.decode(ARGV[3])) do fields[field] = string.format('%.0f', ends) end
  redis.call('DEL', KEYS[1])
  for field, ends in pairs(fields) do redis.call('HSET', KEYS[1], field, ends) end
  redis.call('HSET', KEYS[1], '#rev', revision, '#synced', string.format('%.0f', now))
  return {1}
end
redis.call('HINCRBY', KEYS[1], '#rev', 1)
if word == 'set' then redis.call('HSET', KEYS[1], ARGV[2], ARGV[3]) else redis.call('HDEL', KEYS[1], ARGV[2]) end
return {1}
