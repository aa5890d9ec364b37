-- One read for all customers of one process: their places in their lines, and what the estimates are made of.
-- include: lib/line_index
-- keys: active wrapup available free samples conv wraps promises
--
-- ARGV    line that somebody is about to join ('' = the default one, '/' = nobody is), conversation…
-- reply   {now (ms), {rank or -1, …}, {which of the lines below, from 1, …}, {{waiting, {seconds of each running call, …},
--         {seconds left of each wrap-up and seconds since it began, …}, operators available, line}, …}: the newcomer's line if any, then
--         those of the conversations, {seconds of recent calls, …}, {of recent wrap-ups, …}, {recent promises, …}}
-- errors  none
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
-- While everybody waits in the default line nothing has to be asked of each.
local joins = ARGV[1] ~= '/' and ARGV[1] or nil
local several = redis.call('EXISTS', K['line_of']) == 1 or (joins or '') ~= ''
local names, number_of, before = {joins}, joins and {[joins] = 1} or {}, {}
local ranks, numbers = {}, {}

local function number_for(line)
  if not number_of[line] then
    names[#names + 1] = line
    number_of[line] = #names
  end
  return number_of[line]
end

-- The place in its line. For more than one of a line: that among all, listed by line, less those of the lines before.
local function rank_in(line, ticket, cid)
  if not ticket then return -1 end
  if before[line] == nil then
    before[line] = false
    return before_in(line, ticket, cid)
  end
  before[line] = before[line] or redis.call('ZLEXCOUNT', K['lines'], '-', '(' .. line .. '/')
  local rank = redis.call('ZRANK', K['lines'], place_in(line, ticket, cid))
  return rank and rank - before[line] or -1
end

for first = 2, #ARGV, READ_MAX do
  local last = math.min(first + READ_MAX - 1, #ARGV)
  local lines = several and redis.call('HMGET', K['line_of'], unpack(ARGV, first, last))
  local tickets = several and redis.call('ZMSCORE', K['line'], unpack(ARGV, first, last))
  for index = first, last do
    local cid, line = ARGV[index], lines and lines[index - first + 1] or ''
    if lines then
      ranks[index - 1] = rank_in(line, tickets[index - first + 1], cid)
    else
      ranks[index - 1] = redis.call('ZRANK', K['line'], cid) or -1
    end
    numbers[index - 1] = number_for(line)
  end
end

local anybody, loads = redis.call('EXISTS', K['free']) == 1, {}
for number, line in ipairs(names) do
  local from, to = of_line(line)
  local free = anybody and redis.call('ZLEXCOUNT', K['free'], from, to) or 0
  loads[number] = {redis.call('ZLEXCOUNT', K['lines'], from, to), {}, {}, free, line}
end
-- Whom an operator serves counts for each of these lines.
local function for_lines_of(op, part, seconds)
  for _, one in ipairs(served_by(op)) do
    local load = number_of[one.line] and loads[number_of[one.line]]
    if load then load[part][#load[part] + 1] = seconds end
  end
end
local calls, ops = redis.call('HGETALL', K['active']), {}
for index = 2, #calls, 2 do ops[index / 2] = calls[index] end
read_lines_of(ops)
for index = 1, #calls, 2 do
  local record = redis.call('HGET', K['conv'], calls[index])
  local since = record and cjson.decode(record).claimed_at or now
  for_lines_of(calls[index + 1], 2, math.max(0, math.floor((now - since) / 1000)))
end
local wraps = redis.call('ZRANGE', K['wrapup'], '0', '499', 'WITHSCORES')
for index = 1, #wraps, 2 do
  local since = tonumber(redis.call('HGET', K['operator'], wraps[index] .. ':wraps')) or now
  for_lines_of(wraps[index], 3, math.max(0, math.floor((wraps[index + 1] - now) / 1000)))
  for_lines_of(wraps[index], 3, math.max(0, math.floor((now - since) / 1000)))
end
return {string.format('%.0f', now), ranks, numbers, loads, redis.call('LRANGE', K['samples'], '0', '-1'),
  redis.call('LRANGE', K['wraps'], '0', '-1'), redis.call('LRANGE', K['promises'], '0', '-1')}
