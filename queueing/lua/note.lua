-- What a party says of itself: its device check, call stats or call state. Newest wins; stats and checks go on to the
-- operator, call states to the peer. Into the journal goes what changed (state, TURN region, rung) and a sample of the
-- stats now and then, never more than their bounds.
-- include: lib/state lib/turn
--
-- ARGV    party, conn, kind (device:check | call:stats | call:state), conversation ('' = the current one), payload JSON,
--         cfg JSON {every: ms between samples, keep: samples until they become sparser, journal_max: entries in the journal
--         from which no samples are kept, half_life: of a TURN region's fault score (ms), regions: {configured region: true},
--         turn: {region: reached?} of a device check}
-- reply   {1}, {2} when the party's TURN region is new in this call, {0} when there is no such call (any more); then the
--         TURN regions that this party could reach before, or never tried, and now can not
-- errors  replaced, lapsed; wrong_conversation
local party, kind, named, payload, cfg = ARGV[1], ARGV[3], ARGV[4], ARGV[5], cjson.decode(ARGV[6])
if not speaks(party, ARGV[2]) then return unheard(party) end
local cid = side(party) == 'c' and id_of(party) or redis.call('HGET', K['serving'], id_of(party))
if named ~= '' and named ~= cid then return fail('wrong_conversation') end
if not cid then return {0} end
local own = cid .. '/' .. side(party)
local from = from_of(party)
local answer = {1}

-- Each party is believed once for each region, until it says the opposite: one page alone cannot pass over a region.
local function turn_news(verdicts)
  local known = redis.call('HGET', K['media'], own .. '/turn')
  known = known and cjson.decode(known) or {}
  for region, ok in pairs(verdicts) do
    if cfg.regions[region] and known[region] ~= ok then
      turn_verdict(region, ok, known[region] == false, now, cfg.half_life)
      known[region] = ok
      if not ok then answer[#answer + 1] = region end
    end
  end
  if next(known) then redis.call('HSET', K['media'], own .. '/turn', cjson.encode(known)) end
end

local function word(value) return type(value) == 'string' and value or '' end

local function grade(quality)
  if type(quality) ~= 'number' then return word(quality) end
  return quality >= 4 and 'good' or quality >= 3.5 and 'fair' or quality >= 2.5 and 'poor' or 'bad'
end

-- A sample every so often, and at once when it became something else. After `keep` of them the pause is four times as
-- long, and again: a call of a day has few more than one of hours. The entry `call:sampling` says so.
local function sample(data)
  local like = grade(data.quality) .. '|' .. word(data.region) .. '|' .. word(data.candidate_type) .. '|' .. word(data.codec)
  -- Before anything flows there is nothing to keep.
  if like == '|||' and type(data.rtt_ms) ~= 'number' and type(data.bitrate_kbps) ~= 'number' then return end
  local at, n, before = string.match(redis.call('HGET', K['media'], own .. '/sample') or '', '^(%d+) (%d+) (.*)$')
  n = tonumber(n) or 0
  local round = math.floor(n / cfg.keep)
  local every = cfg.every * 4 ^ round
  local pause = at and now - at or every
  if pause < (like == before and every or every / 5) then return end
  if redis.call('XLEN', K['journal']) >= cfg.journal_max then return count('samples_dropped') end
  redis.call('HSET', K['media'], own .. '/sample', int(now) .. ' ' .. int(n + 1) .. ' ' .. like)
  if n > 0 and n % cfg.keep == 0 then journal('call:sampling', cid, {from = from, every_s = every / 1000}) end
  data.from = from
  journal('call:sample', cid, data)
end

local function new_rung(data)
  local rung = type(data.rung) == 'number' and data.rung
  local before = tonumber(redis.call('HGET', K['media'], own .. '/rung')) or 0
  if not rung or rung == before then return end
  redis.call('HSET', K['media'], own .. '/rung', rung)
  tell_of('call:rung', cid, {from = from, rung = rung, before = before, reason = word(data.reason)})
end

local function new_region(region)
  local before = redis.call('HGET', K['media'], own .. '/region')
  if region == '' or region == before then return end
  redis.call('HSET', K['media'], own .. '/region', region)
  tell_of('call:region', cid, {from = from, region = region, before = before or nil})
  answer[1] = 2
  local verdicts = {[region] = true}
  if before then
    count('failover:turn')
    verdicts[before] = false
  end
  turn_news(verdicts)
end

local function call_stats(op)
  local data = cjson.decode(payload)
  redis.call('HSET', K['call'], party, '{"at":' .. int(now) .. (payload == '{}' and '}' or ',' .. string.sub(payload, 2)))
  publish(operator(op), 0, 0, cid, '{"type":"call:stats","from":"' .. from .. '"'
    .. (payload == '{}' and '}' or ',' .. string.sub(payload, 2)))
  new_region(word(data.region))
  new_rung(data)
  sample(data)
end

-- A call counts as attempted from its first state on, and once as connected.
local function connected_now(record, phase, data)
  if phase ~= 'talked' then
    redis.call('HSET', K['media'], cid .. '/phase', 'talked')
    redis.call('ZADD', K['talked'], redis.call('ZSCORE', K['tried'], cid) or int(now), cid)
    data.setup_ms = math.max(0, now - record.claimed_at)
    observe('setup', data.setup_ms)
  else
    local since = redis.call('HGET', K['media'], own .. '/since')
    if since then
      data.lost_ms, data.attempts = math.max(0, now - since), tonumber(redis.call('HGET', K['media'], own .. '/tries')) or 0
      observe('reconnect', data.lost_ms)
    end
  end
  redis.call('HDEL', K['media'], own .. '/since', own .. '/tries')
end

local ATTEMPTS = {restart = true, ['restart-relay'] = true, rebuild = true}

local function lost_still(data, news)
  redis.call('HSETNX', K['media'], own .. '/since', int(now))
  local tries = tonumber(redis.call('HGET', K['media'], own .. '/tries')) or 0
  local told = type(data.attempt) == 'number' and data.attempt
  if told and told > tries then
    redis.call('HSET', K['media'], own .. '/tries', told)
  elseif not told and news and ATTEMPTS[data.step] then
    redis.call('HSET', K['media'], own .. '/tries', tries + 1)
  end
end

-- A page says its state again with every new socket; a happening is only what it did not say before.
local function is_news(data)
  local told = cjson.encode({data.state, data.step or '', data.reason or '', data.attempt or 0})
  if redis.call('HGET', K['media'], own .. '/state') == told then return false end
  redis.call('HSET', K['media'], own .. '/state', told)
  return true
end

local function call_state(record)
  local data = cjson.decode(payload)
  data.from = from
  count('call:' .. data.state)
  local peer = peer_of(party)
  if peer then tell(peer, cid, kind, data) end
  local news = is_news(data)
  local phase = redis.call('HGET', K['media'], cid .. '/phase')
  if not phase then
    redis.call('ZREMRANGEBYSCORE', K['tried'], '-inf', int(now - HOUR_MS))
    redis.call('ZREMRANGEBYSCORE', K['talked'], '-inf', int(now - HOUR_MS))
    redis.call('HSET', K['media'], cid .. '/phase', 'tried')
    count('tried')
    redis.call('ZADD', K['tried'], int(now), cid)
  end
  if data.state == 'connected' then
    connected_now(record, phase, data)
  elseif phase == 'talked' and data.state ~= 'connecting' then
    lost_still(data, news)
  end
  if news then tell_of(kind, cid, data) end
end

if kind == 'device:check' then
  redis.call('HSET', K['device'], cid, payload)
  local record = get(cid)
  if record and record.status ~= 'ended' then turn_news(cfg.turn) end
  notify()
  return answer
end
local op = redis.call('HGET', K['active'], cid)
if not op then return {0} end
if kind == 'call:stats' then call_stats(op) else call_state(get(cid)) end
return answer
