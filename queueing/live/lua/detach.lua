-- A socket was lost. Says nothing when a newer one has taken over already.
-- include: lib/rules
--
-- ARGV    cfg JSON, party, conn
-- reply   1 when the party is without a socket now, else 0
-- errors  none
local cfg, party, conn = cjson.decode(ARGV[1]), ARGV[2], ARGV[3]
if redis.call('HGET', K['conn'], party) ~= conn then return 0 end
release(party, conn)
lost(cfg, party)
return 1
