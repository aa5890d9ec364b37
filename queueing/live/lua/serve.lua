-- Which lines there are, and which of them the operators serve, has changed. Whom nobody has seen yet says so with its next
-- hello; whoever waits in a line that is gone waits in the default one from now on, with the same ticket.
-- include: lib/matching
--
-- ARGV    cfg JSON, JSON {operator: "<line>=<level> …"}; who is not in it serves the default line, JSON {line: 1}: the named ones
-- reply   how many operators are known
-- errors  none
local MOVED_MAX = 1000
local cfg, served, there = cjson.decode(ARGV[1]), cjson.decode(ARGV[2]), cjson.decode(ARGV[3])

local function leave(member)
  local cid = string.match(member, '[^/]*$')
  local record = get(cid)
  if not record then return end
  record.line, record.line_name, record.wrap_up = nil, nil, nil
  local stored = cjson.encode(record)
  dequeue(cid)
  save(cid, stored)
  enqueue(record)
end

for _, line in ipairs(waiting_lines()) do
  if line ~= '' and not there[line] then
    local from, to = of_line(line)
    for _, member in ipairs(redis.call('ZRANGEBYLEX', K['lines'], from, to, 'LIMIT', 0, MOVED_MAX)) do leave(member) end
    notify()
  end
end

local known = {}
local marks = redis.call('HKEYS', K['operator'])
for _, mark in ipairs(marks) do known[#known + 1] = string.match(mark, '^(.*):name$') end
for _, op in ipairs(known) do serve(op, served[op] or '=1') end
match(cfg)
return #known
