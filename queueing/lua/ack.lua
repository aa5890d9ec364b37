-- Everything up to seq has reached the party.
-- include: infra/mailbox
--
-- ARGV    party, conn, seq
-- reply   1
-- errors  replaced; bad_ack: beyond the last number ever given
if redis.call('HGET', K['conn'], ARGV[1]) ~= ARGV[2] then return fail('replaced') end
if not acknowledge(ARGV[1], tonumber(ARGV[3])) then return fail('bad_ack') end
return 1
