-- The live state and its bookkeeping: records, journal, notices. Every transition goes through this file and those that include it.
--
-- Texts first, writes after: whatever can raise is built before the first write of a transition, so that it happens whole
-- or not at all. What a client wrote is spliced in as the JSON text that Python made of it; only strings of it are encoded here.
-- include: infra/mailbox_reading lib/chat
-- keys: line conv joinkey active serving available wrapup operator lease held grace ended gen device stats samples wraps promises chat call media tried talked journal
--
-- line      zset  conversation by ticket (µs of the first join): who waits, FIFO
-- conv      hash  conversation -> JSON record
-- joinkey   hash  join key -> conversation
-- active    hash  conversation -> operator
-- serving   hash  operator -> conversation (1:1)
-- available zset  operator by idle since (µs)
-- wrapup    zset  operator by end of the wrap-up (ms)
-- operator  hash  "<operator>:wants" 1 on shift; ":name"; ":settled" the conversation whose outcome is given, ":asked" the one
--                 whose outcome the wrap-up waits for; ":rings" the one that its page shows and nobody has answered yet;
--                 ":break" why it is on a break that it did not ask for; ":wraps" since when it wraps up (ms)
-- lease     zset  process by expiry (ms)
-- held      zset  "<process>/<party>", all with score 0: what a process holds
-- grace     zset  party by deadline (ms): its socket is lost
-- ended     zset  conversation by the time its state is dropped (ms)
-- gen       hash  conversation -> highest call generation seen
-- device    hash  conversation -> JSON of the last device check
-- stats     hash  counter -> value
-- samples   list  seconds of a call, newest first
-- wraps     list  seconds of a wrap-up until its operator was free again, newest first
-- promises  list  "<at (ms)> <low> <middle> <high> <told low> <told high> <waited> <line>", seconds: the wait that was expected at a
--                 join, what was told of it, and what came; without a line: of the default one; newest first
-- chat      hash  "<conversation>:n" lines so far; "<conversation>/<n>" -> JSON line
-- call      hash  party -> JSON of its last call stats, with `at` (ms)
-- media     hash  "<conversation>/phase" tried | talked; "<conversation>/events" entries of its timeline that parties made;
--                 "<conversation>/<side>/since" its media is lost since (ms); …/tries attempts since then; …/state the last
--                 one told; …/region the TURN region it uses; …/rung; …/sample "<at> <number> <what it was like>"; …/turn lines
--                 "region=1", or 0: could it be reached
-- tried     zset  conversation by its first call state (ms), of the last hour: calls attempted
-- talked    zset  those of them whose media was connected, same scores
-- journal   stream of transitions, drained by the worker
local KEEP_SAMPLES = 100
-- A customer whose socket blinks is still claimed; a longer absence lets the next one go first, the place is kept.
local BLINK_MS = 5000
local BUCKETS = 14
local HOUR_MS = 3600000
-- What parties report of themselves: a page that flaps for hours must not fill the database.
local EVENTS_MAX = 2000
local OF_A_SIDE = {'since', 'tries', 'state', 'region', 'rung', 'sample', 'turn'}

local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local now_us = clock[1] .. string.format('%06d', clock[2])
local changed = false

local function customer(cid) return 'c:' .. cid end
local function operator(op) return 'o:' .. op end
local function side(party) return string.sub(party, 1, 1) end
local function id_of(party) return string.sub(party, 3) end

local function from_of(party) return side(party) == 'c' and 'customer' or 'operator' end

local function meta(field) return tonumber(redis.call('HGET', K['meta'], field)) or 0 end
local function count(name, by) redis.call('HINCRBY', K['stats'], name, by or '1') end

-- One value of a histogram: bucket n counts what took at most 250 * 2^n ms, the last one the rest.
local function observe(name, ms)
  local bucket, bound = 0, 250
  while ms > bound and bucket < BUCKETS do bucket, bound = bucket + 1, bound * 2 end
  count(name .. ':' .. bucket)
  count(name .. ':ms', int(ms))
end

-- What a transition said when it could not be made. It is counted for ops and stands in Redis' own log.
local function fault(step, reason)
  count('faults')
  redis.log(redis.LOG_WARNING, 'adminara: ' .. step .. ' failed: ' .. tostring(type(reason) == 'table' and reason.err or reason))
end

-- A record that cannot be read is none: it stops nobody else, and `check` finds it.
local function get(cid)
  local text = redis.call('HGET', K['conv'], cid)
  if not text then return nil end
  local readable, record = pcall(cjson.decode, text)
  return readable and type(record) == 'table' and record or nil
end

-- `text`: the entry's JSON. `trace` is the request id of the page that joined: log lines of the worker carry it on.
-- Answers the entry's id: its time is of its own, not `now`.
local function journal(kind, cid, trace, text)
  return redis.call('XADD', K['journal'], '*', 'type', kind, 'conversation', cid, 'at', int(now), 'data', text,
    unpack(trace and {'trace', trace} or {}))
end

-- A happening that a party can bring about as often as it likes: on the timeline up to a bound, which is stated.
local function tell_of(kind, cid, text)
  local trace = (get(cid) or {}).trace
  local n = redis.call('HINCRBY', K['media'], cid .. '/events', '1')
  if n <= EVENTS_MAX then
    journal(kind, cid, trace, text)
  elseif n == EVENTS_MAX + 1 then
    journal('timeline:full', cid, trace, string.format('{"events":%d}', EVENTS_MAX))
  end
end

local function forget_media(cid)
  local fields = {cid .. '/phase', cid .. '/events'}
  for _, name in ipairs(OF_A_SIDE) do
    fields[#fields + 1] = cid .. '/c/' .. name
    fields[#fields + 1] = cid .. '/o/' .. name
  end
  redis.call('HDEL', K['media'], unpack(fields))
end

-- At most one notice per script, and none where one of a line went: every process reads what has changed once.
local function notify()
  if not changed then
    changed = true
    redis.call('PUBLISH', PREFIX .. 'all', 'staff')
  end
end

local function save(cid, text) redis.call('HSET', K['conv'], cid, text) end

local function wants(op) return redis.call('HGET', K['operator'], op .. ':wants') == '1' end

-- Connected means: a socket, on a process whose lease has not run out (or may not be judged yet after an outage).
local function connected(party)
  local conn = redis.call('HGET', K['conn'], party)
  if not conn then return false end
  local expires = tonumber(redis.call('ZSCORE', K['lease'], string.match(conn, '^[^|]+')))
  return expires ~= nil and (expires > now or now < meta('lease_hold'))
end

local function frame(kind, data) return '{"type":"' .. kind .. '",' .. string.sub(cjson.encode(data), 2) end

-- The text of an object with one more member; `member` is text too: '"name":value'.
local function with(object, member)
  if object == '{}' then return '{' .. member .. '}' end
  return string.sub(object, 1, -2) .. ',' .. member .. '}'
end

-- Un-numbered: newest wins, nothing is kept, so that one which cannot be written harms no transition.
local function tell(party, conversation, kind, data)
  local written, text = pcall(frame, kind, data)
  if written then publish(party, 0, 0, conversation, 'o', text) else fault(kind, text) end
end

-- For the process, not for the browser. The parts are ids of ours.
local function tell_replaced(party, conn, fence)
  publish(party, 0, 0, '', 'x', string.format('{"kind":"replaced","conn":"%s","fence":"%s"}', conn, fence))
end
local function tell_resync(party, cid)
  publish(party, 0, 0, '', 'x', string.format('{"kind":"resync","conversation":"%s"}', cid))
end

local function tell_operator_state(op)
  local wrap_up = tonumber(redis.call('ZSCORE', K['wrapup'], op))
  tell(operator(op), '', 'operator:state', {
    available = redis.call('ZSCORE', K['available'], op) ~= false,
    wrap_up_until = wrap_up or cjson.null,
    conversation = redis.call('HGET', K['serving'], op) or cjson.null,
    break_reason = redis.call('HGET', K['operator'], op .. ':break') or nil,
  })
end

local function peer_of(party)
  if side(party) == 'c' then
    local op = redis.call('HGET', K['active'], id_of(party))
    return op and operator(op)
  end
  local cid = redis.call('HGET', K['serving'], id_of(party))
  return cid and customer(cid)
end
