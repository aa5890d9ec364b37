-- The last number in each of the given mailboxes: one read by which a process finds lost notices.
-- keys: box
--
-- ARGV    party…
-- reply   {seq or '', …}
-- errors  none
local found = {}
for index, party in ipairs(ARGV) do found[index] = redis.call('HGET', K['box'], party .. ':seq') or '' end
return found
