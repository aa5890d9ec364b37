-- Lines (departments) as they are read: who waits in which, in which place, and who serves it. The default line is called ''.
-- keys: line lines line_of operator
--
-- lines    zset  "<line>/<ticket, 16 digits>/<conversation>", scores 0: those of `line`, by their line
-- line_of  hash  conversation -> "<line>/<ticket>" as in `lines`; only of those who wait in a named one
-- operator hash  "<operator>:lines": the lines that it serves, "<line>=<level> …", level 1 is the best; without it the default one
local LINES_MAX = 200
local READ_MAX = 1000

-- The bounds of all that belongs to a line, in a sorted set whose members begin with it.
local function of_line(line) return '[' .. line .. '/', '[' .. line .. '/\255' end
local function line_in(member) return string.match(member, '^[^/]*') end

-- Text order is the order of tickets: all have 16 digits until the year 2286.
local function in_digits(ticket)
  return type(ticket) == 'string' and #ticket == 16 and ticket or string.format('%016.0f', ticket)
end
local function place_in(line, ticket, cid) return line .. '/' .. in_digits(ticket) .. '/' .. cid end

local function line_of(cid)
  local place = redis.call('HGET', K['line_of'], cid)
  return place and line_in(place) or ''
end

-- How many wait in the line before this ticket, and in all.
local function before_in(line, ticket, cid)
  return redis.call('ZLEXCOUNT', K['lines'], '[' .. line .. '/', '(' .. place_in(line, ticket, cid))
end
local function length_of(line) return redis.call('ZLEXCOUNT', K['lines'], of_line(line)) end

-- The place in its line, 0 is next; nil for one who does not wait.
local function rank_of(cid)
  local ticket = redis.call('ZSCORE', K['line'], cid)
  return ticket and before_in(line_of(cid), ticket, cid)
end

-- The first line of the key `name` with members from there on.
local function line_from(name, from)
  local member = redis.call('ZRANGEBYLEX', name, from, '+', 'LIMIT', '0', '1')[1]
  return member and line_in(member)
end

-- Lines in which somebody waits: one step for each of them, however many wait there.
local function waiting_lines()
  local found, from = {}, '-'
  while #found < LINES_MAX do
    local line = line_from(K['lines'], from)
    if not line then break end
    found[#found + 1] = line
    from = '(' .. line .. '/\255'
  end
  return found
end

-- What an operator serves, as `operator` has it: read once in a script; only `serve` changes it.
local lines_text = {}
local function lines_of(op)
  if not lines_text[op] then lines_text[op] = redis.call('HGET', K['operator'], op .. ':lines') or '=1' end
  return lines_text[op]
end

-- The same of many, read at once.
local function read_lines_of(ops)
  for first = 1, #ops, READ_MAX do
    local fields = {}
    for index = first, math.min(first + READ_MAX - 1, #ops) do fields[#fields + 1] = ops[index] .. ':lines' end
    for offset, text in ipairs(redis.call('HMGET', K['operator'], unpack(fields))) do lines_text[ops[first + offset - 1]] = text or '=1' end
  end
end

-- The same as a list, which nobody changes: {{line, level}, …}.
local lists = {}
local function served_in(text)
  local found = lists[text]
  if not found then
    found = {}
    for line, level in string.gmatch(text, '([^%s=]*)=(%d)') do found[#found + 1] = {line = line, level = level} end
    lists[text] = found
  end
  return found
end
local function served_by(op) return served_in(lines_of(op)) end
