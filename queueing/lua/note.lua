-- What a party says of itself: its device check, call stats or call state. Newest wins; stats and checks go on to the
-- operator, call states to the peer and, with TURN regions, into the journal.
-- include: lib/state
--
-- ARGV    party, conn, kind (device:check | call:stats | call:state), conversation ('' = the current one), payload JSON
-- reply   1; 2 when the party's TURN region is new in this call; 0 when there is no such call (any more)
-- errors  replaced, lapsed; wrong_conversation
local party, kind, named, payload = ARGV[1], ARGV[3], ARGV[4], ARGV[5]
if not speaks(party, ARGV[2]) then return unheard(party) end
local cid = side(party) == 'c' and id_of(party) or redis.call('HGET', K['serving'], id_of(party))
if named ~= '' and named ~= cid then return fail('wrong_conversation') end
if not cid then return 0 end
local own = cid .. '/' .. side(party)
local from = side(party) == 'c' and 'customer' or 'operator'

local function call_stats(op)
  redis.call('HSET', K['call'], party, payload)
  publish(operator(op), 0, 0, cid, '{"type":"call:stats","from":"' .. from .. '"'
    .. (payload == '{}' and '}' or ',' .. string.sub(payload, 2)))
  local region = cjson.decode(payload).region
  if type(region) ~= 'string' or region == redis.call('HGET', K['media'], own .. '/region') then return 1 end
  redis.call('HSET', K['media'], own .. '/region', region)
  journal('call:region', cid, {from = from, region = region})
  return 2
end

-- A call counts as attempted from its first state on, and once as connected.
local function connected_now(record, phase)
  if phase ~= 'talked' then
    redis.call('HSET', K['media'], cid .. '/phase', 'talked')
    redis.call('ZADD', K['talked'], redis.call('ZSCORE', K['tried'], cid) or int(now), cid)
    observe('setup', math.max(0, now - record.claimed_at))
  else
    local since = redis.call('HGET', K['media'], own .. '/since')
    if since then observe('reconnect', math.max(0, now - since)) end
  end
  redis.call('HDEL', K['media'], own .. '/since')
end

local function call_state(record)
  local data = cjson.decode(payload)
  data.from = from
  count('call:' .. data.state)
  journal(kind, cid, data)
  local peer = peer_of(party)
  if peer then tell(peer, cid, kind, data) end
  local phase = redis.call('HGET', K['media'], cid .. '/phase')
  if not phase then
    redis.call('ZREMRANGEBYSCORE', K['tried'], '-inf', int(now - HOUR_MS))
    redis.call('ZREMRANGEBYSCORE', K['talked'], '-inf', int(now - HOUR_MS))
    redis.call('HSET', K['media'], cid .. '/phase', 'tried')
    redis.call('ZADD', K['tried'], int(now), cid)
  end
  if data.state == 'connected' then
    connected_now(record, phase)
  elseif phase == 'talked' and data.state ~= 'connecting' then
    redis.call('HSETNX', K['media'], own .. '/since', int(now))
  end
  return 1
end

if kind == 'device:check' then
  redis.call('HSET', K['device'], cid, payload)
  notify()
  return 1
end
local op = redis.call('HGET', K['active'], cid)
if not op then return 0 end
return kind == 'call:stats' and call_stats(op) or kind == 'call:state' and call_state(get(cid)) or 0
