-- How TURN regions do, by what pages found out: a score for each region that rises when a page cannot reach it.
-- keys: turn
--
-- turn  hash  TURN region -> "<score> <at>"; only regions that are configured. A fault adds 1, whoever takes it back
--             subtracts that, another's success halves, and so does time.
local TURN_KEEP_SECS = 3600

local function turn_score(stored, at_ms, half_life)
  if not stored then return 0 end
  local score, at = string.match(stored, '^(%S+) (%S+)$')
  return tonumber(score) * 0.5 ^ (math.max(0, at_ms - tonumber(at)) / half_life)
end

local function turn_verdict(region, ok, taken_back, at_ms, half_life)
  local score = turn_score(redis.call('HGET', K['turn'], region), at_ms, half_life)
  if not ok then score = score + 1 else score = taken_back and score - 1 or score / 2 end
  if score < 0.01 then
    redis.call('HDEL', K['turn'], region)
  else
    redis.call('HSET', K['turn'], region, string.format('%.4f %.0f', score, at_ms))
    redis.call('EXPIRE', K['turn'], TURN_KEEP_SECS)
  end
end

-- Regions that are to be passed over, with their scores.
local function turn_failing(at_ms, half_life, limit)
  local failing, scores = {}, redis.call('HGETALL', K['turn'])
  for index = 1, #scores, 2 do
    local score = turn_score(scores[index + 1], at_ms, half_life)
    if score >= limit then failing[scores[index]] = score end
  end
  return failing
end
