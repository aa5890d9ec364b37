-- TURN regions that pages could not reach lately.
-- include: lib/turn
--
-- ARGV    half life of a fault score (ms), score from which a region fails
-- reply   {region, …}
-- errors  none
local clock = redis.call('TIME')
local found = {}
for region in pairs(turn_failing(clock[1] * 1000 + math.floor(clock[2] / 1000), tonumber(ARGV[1]), tonumber(ARGV[2]))) do
  found[#found + 1] = region
end
return found
