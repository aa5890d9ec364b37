-- Takes, keeps or gives back the right to fetch updates: only one may, Telegram refuses a second.
-- keys: telegram:poller
--
-- ARGV    a random word of the holder, life of the lease (ms; 0 gives it back)
-- reply   1 it is the holder's, 0 another has it (or it was given back)
-- errors  none
local holder = redis.call('GET', K['telegram:poller'])
if holder and holder ~= ARGV[1] then return 0 end
if tonumber(ARGV[2]) == 0 then
  redis.call('DEL', K['telegram:poller'])
  return 0
end
redis.call('SET', K['telegram:poller'], ARGV[1], 'PX', ARGV[2])
return 1
