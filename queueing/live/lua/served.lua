-- Which lines somebody serves now: free, in a call or in the wrap-up after one.
-- include: lib/lines
--
-- ARGV    line…
-- reply   {1 | 0, …}
-- errors  none
local served = {}
local desks = redis.call('HGETALL', K['operator'])
for index = 1, #desks, 2 do
  local op = desks[index + 1] == '1' and string.match(desks[index], '^(.*):wants$')
  if op and connected(operator(op)) then
    for _, one in ipairs(served_by(op)) do served[one.line] = true end
  end
end
local answer = {}
for index, line in ipairs(ARGV) do answer[index] = served[line] and 1 or 0 end
return answer
