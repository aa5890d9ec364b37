-- One read for all customers of one process: their places in their lines, and what the estimates are made of.
-- include: lib/line_index
-- keys: active wrapup available free samples conv wraps promises
--
-- ARGV    line that somebody is about to join ('' = the default one, '/' = nobody is), how many lines are named, those of which
--         the process knows the places already…, conversation…
-- reply   {now (ms), {rank or -1, …}, {which of the lines below, from 1, …}, {{waiting, {seconds of each running call, …},
--         {seconds left of each wrap-up and seconds since it began, …}, operators available, line}, …}: the newcomer's line if any,
--         the named ones (waiting: -1 where none of the conversations is of it), then those of the conversations,
--         {seconds of recent calls, …}, {of recent wrap-ups, …}, {recent promises, …}}
-- errors  none
local RANGE_LEAST, RANGE_MOST = 8, 4
local call, LINES = redis.call, K['lines']
local clock = call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local joins, named = ARGV[1] ~= '/' and ARGV[1] or nil, tonumber(ARGV[2])
local names, number_of, asked = {}, {}, {}
local ranks, numbers = {}, {}

local function number_for(line)
  if not number_of[line] then
    names[#names + 1] = line
    number_of[line] = #names
  end
  return number_of[line]
end

-- The places of `own` {index of a conversation, its place, …} in their line: those among all, listed by line, less those of the
-- lines before. Where many stand close together, what lies between the first and the last of them is read at once.
local function rank_in(line, own)
  if #own == 2 then
    ranks[own[1]] = call('ZLEXCOUNT', LINES, '[' .. line .. '/', '(' .. own[2])
    return
  end
  local before, known = call('ZLEXCOUNT', LINES, '-', '(' .. line .. '/'), {}
  if #own >= 2 * RANGE_LEAST then
    local first, last = call('ZRANK', LINES, own[2]), call('ZRANK', LINES, own[#own])
    if first and last and first < last and last - first < RANGE_MOST * #own / 2 then
      for offset, place in ipairs(call('ZRANGE', LINES, first, last)) do known[place] = first + offset - 1 end
    end
  end
  for index = 1, #own, 2 do
    local rank = known[own[index + 1]] or call('ZRANK', LINES, own[index + 1])
    ranks[own[index]] = rank and rank - before or -1
  end
end

if joins then number_for(joins) end
for index = 3, named + 2 do number_for(ARGV[index]) end
-- While everybody waits in the default line nothing has to be asked of each.
local several = #ARGV > named + 2 and call('EXISTS', K['line_of']) == 1
for first = named + 3, #ARGV, READ_MAX do
  local last = math.min(first + READ_MAX - 1, #ARGV)
  local places = several and call('HMGET', K['line_of'], unpack(ARGV, first, last)) or {}
  for index = first, last do
    local cid, place, at = ARGV[index], places[index - first + 1], index - named - 2
    local line = place and line_in(place) or ''
    local own = asked[line] or {}
    asked[line] = own
    numbers[at] = number_for(line)
    ranks[at] = -1
    if place then
      own[#own + 1], own[#own + 2] = at, place .. '/' .. cid
    elseif several then
      local ticket = call('ZSCORE', K['line'], cid)
      if ticket then own[#own + 1], own[#own + 2] = at, place_in('', ticket, cid) end
    else
      ranks[at] = call('ZRANK', K['line'], cid) or -1
    end
  end
end
for line, own in pairs(asked) do
  if #own > 0 then rank_in(line, own) end
end

local anybody, loads = call('EXISTS', K['free']) == 1, {}
if joins then asked[joins] = asked[joins] or {} end
for number, line in ipairs(names) do
  local from, to = '[' .. line .. '/', '[' .. line .. '/\255'
  local free = anybody and call('ZLEXCOUNT', K['free'], from, to) or 0
  loads[number] = {asked[line] and call('ZLEXCOUNT', LINES, from, to) or -1, {}, {}, free, line}
end
-- Whom an operator serves counts for each of these lines.
local function for_lines_of(op, part, seconds)
  for _, one in ipairs(served_by(op)) do
    local load = number_of[one.line] and loads[number_of[one.line]]
    if load then load[part][#load[part] + 1] = seconds end
  end
end
local calls, ops = call('HGETALL', K['active']), {}
for index = 2, #calls, 2 do ops[index / 2] = calls[index] end
read_lines_of(ops)
for index = 1, #calls, 2 do
  local record = call('HGET', K['conv'], calls[index])
  local since = record and cjson.decode(record).claimed_at or now
  for_lines_of(calls[index + 1], 2, math.max(0, math.floor((now - since) / 1000)))
end
local wraps = call('ZRANGE', K['wrapup'], '0', '499', 'WITHSCORES')
for index = 1, #wraps, 2 do
  local since = tonumber(call('HGET', K['operator'], wraps[index] .. ':wraps')) or now
  for_lines_of(wraps[index], 3, math.max(0, math.floor((wraps[index + 1] - now) / 1000)))
  for_lines_of(wraps[index], 3, math.max(0, math.floor((now - since) / 1000)))
end
return {string.format('%.0f', now), ranks, numbers, loads, call('LRANGE', K['samples'], '0', '-1'),
  call('LRANGE', K['wraps'], '0', '-1'), call('LRANGE', K['promises'], '0', '-1')}
