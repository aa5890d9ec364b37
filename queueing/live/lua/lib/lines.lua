-- Lines as they are written: whoever enters or leaves the queue, or becomes free, does so here, so that `lines` and `free` say
-- of each line what `line` and `available` say of all.
-- include: lib/state lib/line_index
-- keys: urgent free offered passed
--
-- urgent   zset  "<line>/<3 - priority>/<ticket>/<conversation>", scores 0: those with a priority
-- free     zset  "<line>/<level>/<idle since, µs>/<operator>", scores 0: those of `available`, by the lines that they serve
-- offered  hash  operator -> what stands of it in `free`: "<idle since> <line>=<level> …"
-- passed   zset  "<line>/<ticket>", scores 0: whoever had this ticket was taken, by priority, before some of the line
local PRIORITY_MAX = 3
-- Whoever comes to the head of the queue stands so far before the first (µs): room for those who have chosen a time.
local HEAD_ROOM_US = 1000000

-- Its places are others now: a process reads those of that line again, once for each script.
local told_of = {}
local function notify_line(line)
  if told_of[line] then return end
  told_of[line], changed = true, true
  redis.call('PUBLISH', PREFIX .. 'all', 'line ' .. line)
end

local function urgent_in(line, priority, ticket, cid)
  return line .. '/' .. (PRIORITY_MAX - priority) .. '/' .. in_digits(ticket) .. '/' .. cid
end

local function enqueue(record)
  local cid, line, ticket = record.id, record.line or '', record.ticket
  redis.call('ZADD', K['line'], ticket, cid)
  redis.call('ZADD', K['lines'], '0', place_in(line, ticket, cid))
  if line ~= '' then redis.call('HSET', K['line_of'], cid, line .. '/' .. in_digits(ticket)) end
  if record.priority then redis.call('ZADD', K['urgent'], '0', urgent_in(line, record.priority, ticket, cid)) end
  notify_line(line)
end

-- Needs no record, so that one which cannot be read leaves the queue as well.
local function dequeue(cid)
  local ticket, line = redis.call('ZSCORE', K['line'], cid), line_of(cid)
  if not ticket then return end
  redis.call('ZREM', K['line'], cid)
  redis.call('ZREM', K['lines'], place_in(line, ticket, cid))
  if line ~= '' then redis.call('HDEL', K['line_of'], cid) end
  if redis.call('EXISTS', K['urgent']) == 1 then
    for priority = 1, PRIORITY_MAX do redis.call('ZREM', K['urgent'], urgent_in(line, priority, ticket, cid)) end
  end
  notify_line(line)
end

-- The same of whose record is known, with fewer commands.
local function dequeue_known(record)
  local cid, line = record.id, record.line or ''
  if redis.call('ZREM', K['lines'], place_in(line, record.ticket, cid)) == 0 then return dequeue(cid) end
  redis.call('ZREM', K['line'], cid)
  if line ~= '' then redis.call('HDEL', K['line_of'], cid) end
  if record.priority then redis.call('ZREM', K['urgent'], urgent_in(line, record.priority, record.ticket, cid)) end
  notify_line(line)
end

-- What stands in `free` for what `offered` has of the operator.
local function offers_of(op, since, served)
  local found, behind = {}, '/' .. since .. '/' .. op
  for index, one in ipairs(served_in(served)) do found[index] = one.line .. '/' .. one.level .. behind end
  return found
end

-- {operator: its members of `free`}, of those who are offered in this script.
local offers = {}

-- `since`: idle since then, µs.
local function offer(op, since)
  if redis.call('ZADD', K['available'], 'NX', since, op) == 0 then
    if redis.call('HEXISTS', K['offered'], op) == 1 then return end
    since = redis.call('ZSCORE', K['available'], op)
  end
  local digits, served = in_digits(since), lines_of(op)
  redis.call('HSET', K['offered'], op, digits .. ' ' .. served)
  local scored = {}
  offers[op] = offers_of(op, digits, served)
  for index, member in ipairs(offers[op]) do
    scored[2 * index - 1], scored[2 * index] = '0', member
  end
  redis.call('ZADD', K['free'], unpack(scored))
end

local function withdraw(op)
  redis.call('ZREM', K['available'], op)
  local members = offers[op]
  if not members then
    local text = redis.call('HGET', K['offered'], op)
    if not text then return end
    members = offers_of(op, string.match(text, '^(%d+) (.*)$'))
  end
  offers[op] = nil
  redis.call('HDEL', K['offered'], op)
  redis.call('ZREM', K['free'], unpack(members))
end

-- `text`: the lines that the operator serves from now on, as `operator` has them.
local function serve(op, text)
  if text == lines_of(op) then return end
  lines_text[op] = text
  if text == '=1' then
    redis.call('HDEL', K['operator'], op .. ':lines')
  else
    redis.call('HSET', K['operator'], op .. ':lines', text)
  end
  local since = redis.call('ZSCORE', K['available'], op)
  if since then
    withdraw(op)
    offer(op, since)
  end
end

-- Lines in which somebody waits and for which somebody is free: each step leaps over those that have only one of both.
local function lines_to_match()
  local found, here, there = {}, K['free'], K['lines']
  local line = line_from(here, '-')
  for _ = 1, 2 * LINES_MAX do
    if not line then break end
    local other = line_from(there, '[' .. line .. '/')
    if other == line then
      found[#found + 1] = line
      other = line_from(here, '(' .. line .. '/\255')
    else
      here, there = there, here
    end
    line = other
  end
  return found
end

-- A process of the release before knows no lines: whom it lets in or takes stands in `line` and `available` alone.
local function is_indexed()
  return redis.call('ZCARD', K['line']) == redis.call('ZCARD', K['lines'])
    and redis.call('ZCARD', K['available']) == redis.call('HLEN', K['offered'])
end

local function index_anew()
  redis.call('DEL', K['lines'], K['line_of'], K['urgent'], K['free'], K['offered'])
  local waiting = redis.call('ZRANGE', K['line'], '0', '-1', 'WITHSCORES')
  for index = 1, #waiting, 2 do
    local record = get(waiting[index]) or {}
    enqueue({id = waiting[index], ticket = waiting[index + 1], line = record.line, priority = record.priority})
  end
  local idle = redis.call('ZRANGE', K['available'], '0', '-1', 'WITHSCORES')
  for index = 1, #idle, 2 do offer(idle[index], idle[index + 1]) end
end

-- How often somebody who waits was passed: each who was taken by priority had a later ticket, so those before it in the line
-- were passed, and nobody of a line more often than the first.
local function times_passed(line, ticket)
  return redis.call('ZLEXCOUNT', K['passed'], '(' .. line .. '/' .. string.format('%016.0f', ticket), '[' .. line .. '/\255')
end

-- Nobody is there any more whom the older ones have passed.
local function note_passed(line, ticket)
  local from, to = of_line(line)
  redis.call('ZADD', K['passed'], '0', line .. '/' .. string.format('%016.0f', ticket))
  local first = redis.call('ZRANGEBYLEX', K['lines'], from, to, 'LIMIT', '0', '1')[1]
  redis.call('ZREMRANGEBYLEX', K['passed'], from, '(' .. (first and string.match(first, '^[^/]*/%d+') or line .. '/\255'))
end
