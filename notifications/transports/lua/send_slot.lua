-- keys: notify:next-slot
-- Reserves the next send slot of all workers together. Slots lie a fixed time apart, so no window of a second
-- ever holds more than the rate. A slot too far away is not reserved.
--
-- KEYS[1] notify:next-slot  string  time of the first free slot, µs since 1970
-- ARGV    spacing between slots (µs), longest acceptable wait (µs)
-- reply   {1, wait in µs} reserved; {0, wait in µs} not reserved
-- errors  none
local spacing = tonumber(ARGV[1])
local longest = tonumber(ARGV[2])
local clock = redis.call('TIME')
local now = clock[1] * 1000000 + clock[2]
local slot = math.max(now, tonumber(redis.call('GET', K['notify:next-slot']) or '0'))
local wait = slot - now
if wait > longest then
  return {0, wait}
end
-- %.0f: the default format would round a time in µs
redis.call('SET', K['notify:next-slot'], string.format('%.0f', slot + spacing), 'PX', math.ceil((wait + spacing) / 1000) + 1000)
return {1, wait}
