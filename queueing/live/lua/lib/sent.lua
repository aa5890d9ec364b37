-- Which frames of each side are stored: their numbers, as few ranges as they make.
-- keys: box
--
-- box  hash  "<conversation>/<side>" the numbers stored: "1-57 59", in their order; of an operator who has the conversation no
--            longer "<conversation>/o:<operator>|"; "<conversation>:left" those operators, a line for each
--
-- A page counts on by one, so there is one range, and a gap for each frame that was refused. Whoever leaves more gaps than this
-- text has room for has the oldest ones taken as sent.
local RANGES_MOST, DIGITS_MOST = 1000, 16

local function numbers_of(cid, from) return redis.call('HGET', K['box'], cid .. '/' .. from) or '' end

local function last_in(ranges) return string.match(ranges, '%d+$', -DIGITS_MOST) end

-- Each range of them: its first and its last number.
local function each_range(ranges)
  local next_one = string.gmatch(ranges, '(%d+)%-?(%d*)')
  return function()
    local first, last = next_one()
    if first then return tonumber(first), tonumber(last ~= '' and last or first) end
  end
end

local function range(first, last) return first == last and int(first) or int(first) .. '-' .. int(last) end

-- The same with a number that comes before the highest; nil when it is among them.
local function with_earlier(ranges, number)
  local parts, placed = {}, false
  local function add(first, last)
    local before = parts[#parts]
    if before and before[2] + 1 == first then before[2] = last else parts[#parts + 1] = {first, last} end
  end
  for first, last in each_range(ranges) do
    if number >= first and number <= last then return nil end
    if not placed and number < first then
      placed = true
      add(number, number)
    end
    add(first, last)
  end
  for index, part in ipairs(parts) do parts[index] = range(part[1], part[2]) end
  return table.concat(parts, ' ')
end

-- The same with one number more, `id` as text; nil when it is among them. Mostly it is the next one.
local function with_number(ranges, id)
  if ranges == '' then return id end
  local last, number = last_in(ranges), tonumber(id)
  local highest = tonumber(last)
  if number == highest + 1 then
    local before = string.sub(ranges, 1, -#last - 1)
    return string.sub(before, -1) == '-' and before .. id or ranges .. '-' .. id
  end
  ranges = number > highest and ranges .. ' ' .. id or with_earlier(ranges, number)
  while ranges and #ranges > RANGES_MOST do
    local next_one = each_range(ranges)
    local first = next_one()
    local _, last = next_one()
    ranges = range(first, last) .. string.match(ranges, '^%S+ %S+(.*)$')
  end
  return ranges
end

local function is_sent(cid, from, id)
  local number = tonumber(id)
  for first, last in each_range(numbers_of(cid, from)) do
    if number >= first and number <= last then return true end
  end
  return false
end

-- Nothing when it is among them.
local function note_sent(cid, from, id)
  local ranges = with_number(numbers_of(cid, from), id)
  if ranges then redis.call('HSET', K['box'], cid .. '/' .. from, ranges) end
end
