-- Everything up to seq has reached the party.
-- include: infra/mailbox_reading
--
-- ARGV    party, conn, seq
-- reply   1
-- errors  replaced, lapsed; bad_ack: beyond the last number ever given
if not speaks(ARGV[1], ARGV[2]) then return unheard(ARGV[1]) end
if not acknowledge(ARGV[1], tonumber(ARGV[3])) then return fail('bad_ack') end
return 1
