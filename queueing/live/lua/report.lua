-- What a party says of itself: its device check, call stats or call state. Newest wins; stats and checks go on to the
-- operator, call states to the peer. Into the journal goes what changed (state, TURN region, rung) and a sample of the
-- stats now and then, never more than their bounds. The payload itself is only spliced, never read: what the rules need
-- to know of it stands beside it.
-- include: lib/state lib/turn
--
-- ARGV    party, conn, kind (device:check | call:stats | call:state), conversation ('' = the current one), payload JSON,
--         cfg JSON {every: ms between samples, keep: samples until they become sparser, journal_max: entries in the journal
--         from which no samples are kept, half_life: of a TURN region's fault score (ms), regions: {configured region: true}},
--         facts JSON: of a device check {turn: {region: reached?}}; of stats {like: what the sample is like, measured: has it
--         figures, region?, rung?, reason?}; of a call state {state, step?, reason?, attempt?}
-- reply   {1}, {2} when the party's TURN region is new in this call, {0} when there is no such call (any more); then the
--         TURN regions that this party could reach before, or never tried, and now can not
-- errors  replaced, lapsed; wrong_conversation
local party, kind, named, payload = ARGV[1], ARGV[3], ARGV[4], ARGV[5]
local cfg, facts = cjson.decode(ARGV[6]), cjson.decode(ARGV[7])
if not speaks(party, ARGV[2]) then return unheard(party) end
local cid = side(party) == 'c' and id_of(party) or redis.call('HGET', K['serving'], id_of(party))
if named ~= '' and named ~= cid then return fail('wrong_conversation') end
if not cid then return {0} end
local own = cid .. '/' .. side(party)
local from = from_of(party)
local answer = {1}

-- Each party is believed once for each region, until it says the opposite: one page alone cannot pass over a region.
local function turn_news(verdicts)
  local known, lines = {}, {}
  for region, mark in string.gmatch(redis.call('HGET', K['media'], own .. '/turn') or '', '([^\n]+)=([01])') do
    known[region] = mark == '1'
  end
  for region, ok in pairs(verdicts) do
    if cfg.regions[region] and known[region] ~= ok then
      turn_verdict(region, ok, known[region] == false, now, cfg.half_life)
      known[region] = ok
      if not ok then answer[#answer + 1] = region end
    end
  end
  for region, ok in pairs(known) do lines[#lines + 1] = region .. (ok and '=1' or '=0') end
  if #lines > 0 then redis.call('HSET', K['media'], own .. '/turn', table.concat(lines, '\n')) end
end

-- A sample every so often, and at once when it became something else. After `keep` of them the pause is four times as
-- long, and again: a call of a day has few more than one of hours. The entry `call:sampling` says so.
local function sample()
  -- Before anything flows there is nothing to keep.
  if not facts.measured then return end
  local like, trace = facts.like, (get(cid) or {}).trace
  local at, n, before = string.match(redis.call('HGET', K['media'], own .. '/sample') or '', '^(%d+) (%d+) (.*)$')
  n = tonumber(n) or 0
  local round = math.floor(n / cfg.keep)
  local every = cfg.every * 4 ^ round
  local pause = at and now - at or every
  if pause < (like == before and every or every / 5) then return end
  if redis.call('XLEN', K['journal']) >= cfg.journal_max then return count('samples_dropped') end
  redis.call('HSET', K['media'], own .. '/sample', int(now) .. ' ' .. int(n + 1) .. ' ' .. like)
  if n > 0 and n % cfg.keep == 0 then
    journal('call:sampling', cid, trace, string.format('{"from":"%s","every_s":%g}', from, every / 1000))
  end
  journal('call:sample', cid, trace, with(payload, '"from":"' .. from .. '"'))
end

-- The entry of a rung that is another one than before; else nil.
local function rung_entry()
  local before = tonumber(redis.call('HGET', K['media'], own .. '/rung')) or 0
  if not facts.rung or facts.rung == before then return nil end
  return cjson.encode({from = from, rung = facts.rung, before = before, reason = facts.reason or ''})
end

local function region_entry(before)
  if not facts.region or facts.region == before then return nil end
  return cjson.encode({from = from, region = facts.region, before = before or nil})
end

local function new_region(before, entry)
  local region = facts.region
  redis.call('HSET', K['media'], own .. '/region', region)
  tell_of('call:region', cid, entry)
  answer[1] = 2
  local verdicts = {[region] = true}
  if before then
    count('failover:turn')
    verdicts[before] = false
  end
  turn_news(verdicts)
end

local function call_stats(op)
  local region = redis.call('HGET', K['media'], own .. '/region')
  local other_region, other_rung = region_entry(region), rung_entry()
  redis.call('HSET', K['call'], party, with(payload, '"at":' .. int(now)))
  publish(operator(op), 0, 0, cid, 'o', with(payload, '"type":"call:stats","from":"' .. from .. '"'))
  if other_region then new_region(region, other_region) end
  if other_rung then
    redis.call('HSET', K['media'], own .. '/rung', facts.rung)
    tell_of('call:rung', cid, other_rung)
  end
  sample()
end

-- A call counts as attempted from its first state on, and once as connected.
-- Answers what the timeline says of it besides, as members of its entry.
local function connected_now(record, phase)
  local more = ''
  if phase ~= 'talked' then
    redis.call('HSET', K['media'], cid .. '/phase', 'talked')
    redis.call('ZADD', K['talked'], redis.call('ZSCORE', K['tried'], cid) or int(now), cid)
    local setup_ms = math.max(0, now - (record.called_at or record.claimed_at or now))
    observe('setup', setup_ms)
    more = ',"setup_ms":' .. int(setup_ms)
  else
    local since = redis.call('HGET', K['media'], own .. '/since')
    if since then
      local lost_ms = math.max(0, now - since)
      observe('reconnect', lost_ms)
      local attempts = tonumber(redis.call('HGET', K['media'], own .. '/tries')) or 0
      more = ',"lost_ms":' .. int(lost_ms) .. ',"attempts":' .. int(attempts)
    end
  end
  redis.call('HDEL', K['media'], own .. '/since', own .. '/tries')
  return more
end

local ATTEMPTS = {restart = true, ['restart-relay'] = true, rebuild = true}

local function lost_still(news)
  redis.call('HSETNX', K['media'], own .. '/since', int(now))
  local tries = tonumber(redis.call('HGET', K['media'], own .. '/tries')) or 0
  local told = facts.attempt
  if told and told > tries then
    redis.call('HSET', K['media'], own .. '/tries', told)
  elseif not told and news and ATTEMPTS[facts.step] then
    redis.call('HSET', K['media'], own .. '/tries', tries + 1)
  end
end

-- A page says its state again with every new socket; a happening is only what it did not say before.
local function is_news()
  local told = table.concat({facts.state, facts.step or '', facts.reason or '', int(facts.attempt or 0)}, '\n')
  if redis.call('HGET', K['media'], own .. '/state') == told then return false end
  redis.call('HSET', K['media'], own .. '/state', told)
  return true
end

local function call_state(record)
  local said = '"from":"' .. from .. '"'
  count('call:' .. facts.state)
  local peer = peer_of(party)
  if peer then publish(peer, 0, 0, cid, 'o', with(payload, '"type":"' .. kind .. '",' .. said)) end
  local news = is_news()
  local phase = redis.call('HGET', K['media'], cid .. '/phase')
  if not phase then
    redis.call('ZREMRANGEBYSCORE', K['tried'], '-inf', int(now - HOUR_MS))
    redis.call('ZREMRANGEBYSCORE', K['talked'], '-inf', int(now - HOUR_MS))
    redis.call('HSET', K['media'], cid .. '/phase', 'tried')
    count('tried')
    redis.call('ZADD', K['tried'], int(now), cid)
  end
  if facts.state == 'connected' then
    said = said .. connected_now(record, phase)
  elseif phase == 'talked' and facts.state ~= 'connecting' then
    lost_still(news)
  end
  if news then tell_of(kind, cid, with(payload, said)) end
end

if kind == 'device:check' then
  redis.call('HSET', K['device'], cid, payload)
  local record = get(cid)
  if record and record.status ~= 'ended' then turn_news(facts.turn) end
  notify()
  return answer
end
local op = redis.call('HGET', K['active'], cid)
if not op then return {0} end
if kind == 'call:stats' then call_stats(op) else call_state(get(cid) or {}) end
return answer
