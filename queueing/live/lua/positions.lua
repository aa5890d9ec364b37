-- One read for all customers of one process: their places, and what the estimate is made of.
-- keys: line active wrapup available samples conv
--
-- ARGV    conversation…
-- reply   {now (ms), waiting, {rank or -1, …}, {seconds of each running call, …}, {seconds left of each wrap-up, …},
--          operators available, {seconds of recent calls, …}}
-- errors  none
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local ranks, running, wrapping = {}, {}, {}
for index, cid in ipairs(ARGV) do ranks[index] = redis.call('ZRANK', K['line'], cid) or -1 end
for _, cid in ipairs(redis.call('HKEYS', K['active'])) do
  local record = redis.call('HGET', K['conv'], cid)
  local since = record and cjson.decode(record).claimed_at or now
  running[#running + 1] = math.max(0, math.floor((now - since) / 1000))
end
local wraps = redis.call('ZRANGE', K['wrapup'], 0, 499, 'WITHSCORES')
for index = 2, #wraps, 2 do wrapping[#wrapping + 1] = math.max(0, math.floor((wraps[index] - now) / 1000)) end
return {string.format('%.0f', now), redis.call('ZCARD', K['line']), ranks, running, wrapping,
  redis.call('ZCARD', K['available']), redis.call('LRANGE', K['samples'], 0, -1)}
