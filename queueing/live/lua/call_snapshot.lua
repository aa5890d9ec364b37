-- The calls of this moment in figures: what /health and a scrape tell of them.
-- include: lib/turn
-- keys: active call tried talked stats
--
-- ARGV    a call's sample is fresh for (ms), half life of a region's fault score (ms), score from which a region fails
-- reply   JSON {active, tried, connected (of those tried in the last hour), measured (calls with a fresh sample),
--         rtt_ms (mean over those calls, -1 without one), failovers: {process, turn},
--         regions: {region: parties whose media goes through it now}, failing: {region: score}}
-- errors  none
local fresh, half_life, limit = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local function object(map) return next(map) and cjson.encode(map) or '{}' end

-- Both ends of a call measure the same way; the mean of a call is that of its ends, so that each call weighs the same.
local regions, measured, sum = {}, 0, 0
local calls = redis.call('HGETALL', K['active'])
for index = 1, #calls, 2 do
  local own, ends = 0, 0
  local texts = redis.call('HMGET', K['call'], 'c:' .. calls[index], 'o:' .. calls[index + 1])
  for place = 1, 2 do
    local sample = texts[place] and cjson.decode(texts[place])
    if sample and now - (tonumber(sample.at) or 0) <= fresh then
      if type(sample.rtt_ms) == 'number' then own, ends = own + sample.rtt_ms, ends + 1 end
      if type(sample.region) == 'string' and sample.region ~= '' then
        regions[sample.region] = (regions[sample.region] or 0) + 1
      end
    end
  end
  if ends > 0 then measured, sum = measured + 1, sum + own / ends end
end

local function stat(name) return tonumber(redis.call('HGET', K['stats'], name)) or 0 end
return string.format('{"active":%d,"tried":%d,"connected":%d,"measured":%d,"rtt_ms":%.1f,'
  .. '"failovers":{"process":%d,"turn":%d},"regions":%s,"failing":%s}',
  redis.call('HLEN', K['active']), redis.call('ZCOUNT', K['tried'], now - 3600000, '+inf'),
  redis.call('ZCOUNT', K['talked'], now - 3600000, '+inf'), measured, measured > 0 and sum / measured or -1,
  stat('failover:process'), stat('failover:turn'), object(regions), object(turn_failing(now, half_life, limit)))
