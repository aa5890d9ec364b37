"""One broken line per rule, and the test that has to notice it."""

from __future__ import annotations

from dataclasses import dataclass

QUEUE = "tests/queueing/test_"


@dataclass(frozen=True)
class Mutation:
    """`before` stands exactly once in `path` and becomes `after`; `test` (below `tests/queueing/test_`) fails then.

    `rule` is the number of the invariant in `docs/testing.md`, or `edge` for a rule that settles an edge case.
    """

    name: str
    rule: str
    path: str
    before: str
    after: str
    test: str

    @property
    def node(self) -> str:
        return QUEUE + self.test


RULES = "queueing/live/lua/lib/rules.lua"
TICK = "queueing/live/lua/tick.lua"
BOX = "infra/redis/lua/mailbox.lua"
RELAY = "queueing/live/lua/relay.lua"

MUTATIONS = [
    Mutation(
        "claim leaves the customer in the queue", "1", RULES,
        "plan.cid\n  redis.call('ZREM', K['line'], cid)\n  redis.call('ZREM', K['available'], op)",
        "plan.cid\n  redis.call('ZREM', K['available'], op)",
        "fifo.py::test_a_free_operator_gets_the_first_customer_and_only_one",
    ),
    Mutation(
        "claim leaves the operator available", "2", RULES,
        "  redis.call('ZREM', K['available'], op)\n  redis.call('ZREM', K['wrapup'], op)\n  redis.call('HSET'",
        "  redis.call('ZREM', K['wrapup'], op)\n  redis.call('HSET'",
        "fifo.py::test_a_free_operator_gets_the_first_customer_and_only_one",
    ),
    Mutation(
        "availability ignores the running call", "2", RULES,
        "if redis.call('HEXISTS', K['serving'], op) == 0 and connected(operator(op)) then",
        "if connected(operator(op)) then",
        "wrap_up.py::test_available_during_a_call_gives_no_second_customer",
    ),
    Mutation(
        "the ticket is the client's time", "3", "queueing/live/lua/join.lua",
        "local ticket = now_us", "local ticket = record.ticket or now_us",
        "limits.py::test_the_ticket_is_the_time_of_redis_whatever_the_client_says",
    ),
    Mutation(
        "a restored customer gets a new ticket", "3", "queueing/live/lua/lib/revival.lua",
        "redis.call('ZADD', K['line'], record.ticket, cid)", "redis.call('ZADD', K['line'], now_us, cid)",
        "wipe.py::test_tokens_bring_back_the_old_order_whoever_comes_first",
    ),
    Mutation(
        "an end is counted twice", "4", RULES,
        "  count('ended')\n", "  count('ended', 2)\n",
        "presence.py::test_grace_keeps_the_call_of_a_lost_customer_and_its_end_has_a_reason",
    ),
    Mutation(
        "an end is not in the journal", "5", RULES,
        "  journal('ended', cid, trace, entry)\n", "",
        "journal.py::test_a_conversation_is_recorded_whole",
    ),
    Mutation(
        "the journal is acknowledged before the commit", "5", "queueing/history/journal.py",
        "            recorded += _write(entries)\n"
        '            client().xack(key("journal"), GROUP, *(entry_id for entry_id, _fields in entries))\n',
        '            client().xack(key("journal"), GROUP, *(entry_id for entry_id, _fields in entries))\n'
        "            recorded += _write(entries)\n",
        "journal.py::test_a_refusing_database_loses_nothing",
    ),
    Mutation(
        "entries that came before are written again", "5", "queueing/history/recorder.py",
        "if entry[0] not in known and entry[1]", "if entry[1]",
        "journal.py::test_recording_twice_changes_nothing",
    ),
    Mutation(
        "the same id is delivered again", "6", RELAY,
        "if redis.call('ZADD', K['sent'], 'NX', 0, member) == 0 then return 0 end",
        "redis.call('ZADD', K['sent'], 'NX', 0, member)",
        "relay.py::test_a_duplicate_is_found_by_its_id_and_delivered_once",
    ),
    Mutation(
        "frames are not numbered on", "6", BOX,
        "redis.call('HINCRBY', K['box'], party .. ':seq', 1)",
        "redis.call('HINCRBY', K['box'], party .. ':seq', 0) + 1",
        "mailbox.py::test_numbers_begin_at_one_and_have_no_gap",
    ),
    Mutation(
        "a trimmed mailbox does not say so", "6", BOX,
        "    if not stored then return nil end\n    found[#found + 1] = int(next)\n    found[#found + 1] = stored\n",
        "    if stored then\n    found[#found + 1] = int(next)\n    found[#found + 1] = stored\n    end\n",
        "mailbox.py::test_a_repair_of_what_was_trimmed_is_refused_not_partial",
    ),
    Mutation(
        "a resume ignores that Redis restarted", "6", BOX,
        "  if known[2] ~= redis.call('HGET', K['meta'], 'incarnation') then return nil end\n", "",
        "outage.py::test_a_restart_of_redis_makes_every_resume_a_resync",
    ),
    Mutation(
        "an old socket may still write", "edge", BOX,
        "return redis.call('HGET', K['conn'], party) == conn end", "return true end",
        "takeover.py::test_an_old_socket_of_the_customer_is_told_replaced_and_changes_nothing[relay]",
    ),
    Mutation(
        "an operator's line goes to the current customer, whoever was named", "edge", RELAY,
        "  if cid == '' then cid = current or '' end\n", "  cid = current or ''\n",
        "relay.py::test_an_operators_line_for_one_customer_never_reaches_the_next",
    ),
    Mutation(
        "the reaper ignores an outage", "edge", TICK,
        "    if until_then > now then\n", "    if false then\n",
        "outage.py::test_the_reaper_ends_nothing_until_a_full_grace_after_its_own_sleep",
    ),
    Mutation(
        "an address is never crowded", "edge", "queueing/live/lua/lib/places.lua",
        "  return held >= most\n", "  return false\n",
        "places.py::test_the_fourth_from_one_address_is_refused_and_others_are_not",
    ),
    Mutation(
        "a claim keeps the place of its address", "4", RULES,
        "  give_places(cid, plan.places)\n", "",
        "places.py::test_every_way_out_of_the_line_frees_the_place[is_claimed]",
    ),
    Mutation(
        "claims do not wait after a wipe", "edge", RULES,
        "  if now < meta('recover_until') then return 0 end\n", "",
        "wipe.py::test_claims_pause_after_a_wipe_so_that_first_come_first_served_holds",
    ),
    Mutation(
        "a token revives what is over", "edge", "queueing/admission.py",
        "if recorded is not None and recorded.ended:", "if False:",
        "wipe.py::test_a_token_never_revives_what_the_database_records_as_ended",
    ),
    Mutation(
        "an operator who comes back after a wipe begins anew", "1", "queueing/services.py",
        "if await bus.execute(store.forgotten(operator.admin_id)):", "if False:",
        "wiped_calls.py::test_an_operator_who_is_back_first_is_given_nobody_else",
    ),
    Mutation(
        "an operator who lost the last socket stays available", "edge", RULES,
        "    redis.call('ZREM', K['available'], id)\n", "",
        "presence.py::test_losing_the_last_socket_takes_an_operator_out_in_the_same_step",
    ),
    Mutation(
        "a wrap-up that ends while offline leaves the operator on shift", "edge", TICK,
        "      redis.call('HSET', K['operator'], op .. ':wants', 0)\n    end\n    notify()\n    tell_",
        "    end\n    notify()\n    tell_",
        "presence.py::test_a_wrap_up_that_ends_while_offline_does_not_restore_availability",
    ),
    Mutation(
        "the purge forgets the sent ids", "edge", TICK,
        "      redis.call('ZREMRANGEBYLEX', K['sent'], '[' .. cid .. '/', '[' .. cid .. '/\\255')\n", "",
        "limits.py::test_the_purge_of_an_ended_conversation_leaves_nothing_behind",
    ),
]  # fmt: skip

QUICK = (MUTATIONS[0], MUTATIONS[9])
