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
CHOOSING = "queueing/live/lua/lib/choosing.lua"
CLAIMING = "queueing/live/lua/lib/claiming.lua"
MATCHING = "queueing/live/lua/lib/matching.lua"
LINES = "queueing/live/lua/lib/lines.lua"
TICK = "queueing/live/lua/tick.lua"
ANSWERING = "queueing/live/lua/lib/answering.lua"
BOX = "infra/redis/lua/mailbox.lua"
READING = "infra/redis/lua/mailbox_reading.lua"
RELAY = "queueing/live/lua/relay.lua"
INVITATION = "queueing/live/lua/invitation.lua"
CALLBACKS = "queueing/live/lua/lib/callbacks.lua"
CALLING = "queueing/live/lua/lib/calling_back.lua"
CALLBACK = "queueing/live/lua/callback.lua"
BOOK = "queueing/live/lua/book.lua"

MUTATIONS = [
    Mutation(
        "claim leaves the customer in the queue", "1", CLAIMING,
        "plan.cid\n  dequeue_known(plan.waits)\n  withdraw(op)", "plan.cid\n  withdraw(op)",
        "fifo.py::test_a_free_operator_gets_the_first_customer_and_only_one",
    ),
    Mutation(
        "claim leaves the operator available", "2", CLAIMING,
        "  withdraw(op)\n  end_wrap_up(op, true)\n", "  end_wrap_up(op, true)\n",
        "fifo.py::test_a_customer_who_finds_a_free_operator_is_matched_in_the_same_step",
    ),
    Mutation(
        "availability ignores the running call", "2", MATCHING,
        "local free = redis.call('HEXISTS', K['serving'], op) == 0 and connected(operator(op))",
        "local free = connected(operator(op))",
        "wrap_up.py::test_available_during_a_call_gives_no_second_customer",
    ),
    Mutation(
        "the ticket is the client's time", "3", "queueing/live/lua/join.lua",
        "local ticket = now_us", "local ticket = record.ticket or now_us",
        "limits.py::test_the_ticket_is_the_time_of_redis_whatever_the_client_says",
    ),
    Mutation(
        "a restored customer gets a new ticket", "3", "queueing/live/lua/lib/revival.lua",
        "    enqueue(record)\n", "    record.ticket = now_us\n    enqueue(record)\n",
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
        "the journal is acknowledged before the commit", "5", "queueing/history/recording/journal.py",
        "            recorded += _write(entries)\n"
        '            client().xack(key("journal"), GROUP, *(entry_id for entry_id, _fields in entries))\n',
        '            client().xack(key("journal"), GROUP, *(entry_id for entry_id, _fields in entries))\n'
        "            recorded += _write(entries)\n",
        "journal.py::test_a_refusing_database_loses_nothing",
    ),
    Mutation(
        "entries that came before are written again", "5", "queueing/history/recording/recorder.py",
        "if entry[0] not in known and entry[1]", "if entry[1]",
        "journal.py::test_recording_twice_changes_nothing",
    ),
    Mutation(
        "the same id is delivered again", "6", RELAY,
        "  if not ranges then return 0 end\n", "  ranges = ranges or id\n",
        "relay.py::test_a_duplicate_is_found_by_its_id_and_delivered_once",
    ),
    Mutation(
        "frames are not numbered on", "6", BOX,
        "redis.call('HINCRBY', K['box'], party .. ':seq', '1')",
        "redis.call('HINCRBY', K['box'], party .. ':seq', '0') + 1",
        "mailbox.py::test_numbers_begin_at_one_and_have_no_gap",
    ),
    Mutation(
        "relayed frames are not numbered on", "6", RELAY,
        "(tonumber(box[2]) or 0) + 1", "(tonumber(box[2]) or 0)",
        "mailbox.py::test_numbers_begin_at_one_and_have_no_gap",
    ),
    Mutation(
        "a gap in the ids is taken as sent", "6", "queueing/live/lua/lib/sent.lua",
        "if number == highest + 1 then", "if number > highest then",
        "relay.py::test_numbers_that_follow_each_other_are_kept_as_one_range",
    ),
    Mutation(
        "a trimmed mailbox does not say so", "6", READING,
        "    if not stored then return nil end\n    found[#found + 1] = int(next)\n    found[#found + 1] = stored\n",
        "    if stored then\n    found[#found + 1] = int(next)\n    found[#found + 1] = stored\n    end\n",
        "mailbox.py::test_a_repair_of_what_was_trimmed_is_refused_not_partial",
    ),
    Mutation(
        "a resume ignores that Redis restarted", "6", READING,
        "  if known[2] ~= redis.call('HGET', K['meta'], 'incarnation') then return nil end\n", "",
        "outage.py::test_a_restart_of_redis_makes_every_resume_a_resync",
    ),
    Mutation(
        "an old socket may still write", "edge", RELAY,
        "  if conns[1] ~= conn then return fail(conns[1] and 'replaced' or 'lapsed') end\n", "",
        "takeover.py::test_an_old_socket_of_the_customer_is_told_replaced_and_changes_nothing[relay]",
    ),
    Mutation(
        "an old socket may still hang up", "edge", BOX,
        "return redis.call('HGET', K['conn'], party) == conn end", "return true end",
        "takeover.py::test_an_old_socket_of_the_customer_is_told_replaced_and_changes_nothing[finish]",
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
        "a frozen page counts as one that has read", "edge", ANSWERING,
        "or (tonumber(known[2]) or 0) >= (seq or 1)", "or true",
        "answering.py::test_a_frozen_page_gives_its_customer_back",
    ),
    Mutation(
        "whoever is given back waits behind the others", "3", "queueing/live/lua/lib/handing_back.lua",
        "if first and first <= tonumber(record.ticket) then record.ticket = int(first - HEAD_ROOM_US) end",
        "record.ticket = now_us",
        "answering.py::test_a_frozen_page_gives_its_customer_back",
    ),
    Mutation(
        "an operator who did not answer is offered again", "2", ANSWERING,
        "op .. ':wants', 0, op", "op .. ':wants', 1, op",
        "answering.py::test_a_frozen_page_gives_its_customer_back",
    ),
    Mutation(
        "an outage is held against operators", "edge", ANSWERING,
        "  if now < meta('reachable_at') + cfg.call_grace then return end\n", "",
        "answering.py::test_after_an_outage_nobody_is_blamed_for_it",
    ),
    Mutation(
        "an operator's numbers silence the next one", "6", CLAIMING,
        "  if plan.another then\n", "  if false then\n",
        "answering.py::test_what_was_said_goes_along_and_numbers_of_the_operator_before_do_not",
    ),
    Mutation(
        "whoever is free takes whom a colleague was to have", "3", CHOOSING,
        "if hold.others == (hold.operator == op) then", "if false then",
        "transfer.py::test_a_busy_colleague_gets_it_next_and_nobody_else_does",
    ),
    Mutation(
        "a hold outlives its customer", "1", RULES,
        "    if record.held then redis.call('ZREM', K['hold'], cid .. '/' .. record.held) end\n", "",
        "transfer.py::test_a_customer_who_leaves_meanwhile_is_kept_for_nobody",
    ),
    Mutation(
        "a colleague on a break keeps the customer", "edge", "queueing/live/lua/available.lua",
        "  end_holds_for(op)\n", "",
        "transfer.py::test_a_colleague_who_goes_keeps_nobody[breaks]",
    ),
    Mutation(
        "a supervisor ends what has gone on", "1", "queueing/live/lua/supervise.lua",
        "if not waits and not talks then return fail('moved') end\n", "",
        "supervise.py::test_what_cannot_be_done_changes_nothing_and_says_why",
    ),
    Mutation(
        "whom a supervisor takes waits for anybody", "3", "queueing/live/lua/supervise.lua",
        "  to = by\n", "",
        "supervise.py::test_it_is_taken_over_by_one_who_was_on_a_break_before_anybody_who_waits",
    ),
    Mutation(
        "an operator who was sent away is asked again", "edge", "queueing/live/lua/supervise.lua",
        "op .. ':wants', 0, op .. ':break', 'supervisor'", "op .. ':break', 'supervisor'",
        "supervise.py::test_an_operator_is_sent_on_a_break_free_or_in_a_call",
    ),
    Mutation(
        "an address is never crowded", "edge", "queueing/live/lua/lib/places.lua",
        "  return held >= most\n", "  return false\n",
        "places.py::test_the_fourth_from_one_address_is_refused_and_others_are_not",
    ),
    Mutation(
        "a claim keeps the place of its address", "4", CLAIMING,
        "  give_places(cid, plan.places)\n", "",
        "places.py::test_every_way_out_of_the_line_frees_the_place[is_claimed]",
    ),
    Mutation(
        "claims do not wait after a wipe", "edge", MATCHING,
        "  if now < recover_until then return 0 end\n", "",
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
        "    withdraw(id)\n", "",
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
        "      forget_sent(cid)\n", "",
        "limits.py::test_the_purge_of_an_ended_conversation_leaves_nothing_behind",
    ),
    Mutation(
        "an answer is taken for whichever invitation is open", "edge", INVITATION,
        "if not open or open.number ~= tonumber(ARGV[7]) then", "if not open then",
        "invitations.py::test_another_kind_of_call_takes_the_place_of_the_first_invitation",
    ),
    Mutation(
        "an invitation that is sent again is another one", "edge", INVITATION,
        "if is_sent(cid, own, ARGV[4]) then return 0 end\n", "",
        "invitations.py::test_a_frame_that_is_sent_again_is_answered_and_done_once",
    ),
    Mutation(
        "two who send invitations at once have no call", "edge", INVITATION,
        "if open and open.by ~= me then return", "if open and open.by == 'nobody' then return",
        "invitations.py::test_both_invite_at_once_and_there_is_one_call",
    ),
    Mutation(
        "who left to be called is claimed without being there", "7", CHOOSING,
        "  if is_away(cid) then return false end\n", "",
        "callbacks.py::test_who_is_near_is_called_once_and_comes_back_before_those_behind",
    ),
    Mutation(
        "who left to be called has a deadline all the same", "7", RULES,
        "  if side(party) == 'c' and has_callback(id) then return notify() end\n", "",
        "callbacks.py::test_the_place_is_kept_without_a_page_and_without_a_deadline",
    ),
    Mutation(
        "a claim keeps the callback", "7", CLAIMING,
        "  drop_callback(cid, plan.callback)\n", "",
        "callbacks.py::test_every_way_out_of_the_line_drops_it[is_claimed]",
    ),
    Mutation(
        "an end keeps the callback", "7", RULES,
        "    drop_callback(cid, callback)\n", "",
        "callbacks.py::test_every_way_out_of_the_line_drops_it[leaves]",
    ),
    Mutation(
        "a turn that comes before any call calls nobody", "7", CALLBACKS,
        "  elseif due == 0 then\n", "  elseif false then\n",
        "callbacks.py::test_who_is_near_is_called_once_and_comes_back_before_those_behind",
    ),
    Mutation(
        "a hold goes on while they are there", "7", CALLBACKS,
        "  if due > 0 then redis.call('ZADD', K['callback'], CALLED, cid) end\n", "",
        "callbacks.py::test_who_is_near_is_called_once_and_comes_back_before_those_behind",
    ),
    Mutation(
        "a number stands for two calls", "7", CALLBACKS,
        "(record.calls or 0) + 1", "callback.calls",
        "callbacks.py::test_who_takes_it_back_has_a_grace_and_may_ask_again",
    ),
    Mutation(
        "who does not come is called for ever", "7", CALLING,
        "  elseif callback.calls < CALLS_MAX then\n", "  elseif true then\n",
        "callbacks.py::test_who_does_not_come_is_called_once_more_and_then_missed",
    ),
    Mutation(
        "a hold is over though nobody was told", "7", CALLING,
        "  if callback.called and not is_told(callback.called) then\n", "  if false then\n",
        "callbacks.py::test_no_hold_is_over_while_nobody_could_be_told",
    ),
    Mutation(
        "a hold is over though nobody has recorded the call", "7", CALLING,
        "(not oldest or is_behind(oldest, called))", "true",
        "callbacks.py::test_no_hold_is_over_unrecorded_where_the_journal_is_ahead_of_the_clock",
    ),
    Mutation(
        "an outage is held against who is called", "edge", CALLING,
        "  if now < meta('reachable_at') + cfg.callback_hold then return 0 end\n", "",
        "callbacks.py::test_no_hold_is_over_while_nobody_could_come",
    ),
    Mutation(
        "who is far is called", "7", CALLING,
        "rank and rank <= near[line] and get(cid)", "rank and get(cid)",
        "callbacks.py::test_who_is_far_is_not_called_and_who_comes_near_is",
    ),
    Mutation(
        "whoever presses gives a place up", "edge", CALLBACK,
        "  local theirs = ARGV[4] == ''\n", "  local theirs = true\n",
        "callback_telegram.py::test_their_place_is_given_up_when_they_say_so_twice",
    ),
    Mutation(
        "who gives a place up ends a call", "edge", CALLBACK,
        "record and record.status == 'waiting' and record.callback\n", "record and {who = {ARGV[4]}}\n",
        "callback_telegram.py::test_a_call_that_has_begun_is_not_given_up",
    ),
    Mutation(
        "a link into the chat is good for ever", "edge", "queueing/callbacks/starts.py",
        "        connection.delete(_key(digest(token)))\n", "        pass\n",
        "callback_telegram.py::test_a_link_is_not_used_up_by_a_redis_that_fails_in_the_middle[False]",
    ),
    Mutation(
        "a link into the chat is good for any chat", "edge", "queueing/callbacks/starts.py",
        "if connection.get(_starter_key(name)) != who:", "if False:",
        "callback_telegram.py::test_a_link_is_not_used_up_by_a_redis_that_fails_in_the_middle[False]",
    ),
    Mutation(
        "who asks is not told that it is kept", "edge", "queueing/history/recording/callbacks.py",
        "    _confirm(row, conversation)\n", "",
        "callback_letters.py::test_it_is_confirmed_at_once_and_given_up_by_the_link",
    ),
    Mutation(
        "callbacks are without bounds", "edge", CALLBACK,
        "- own >= most[index] then", "- own >= 1000 then",
        "callbacks.py::test_each_contact_has_so_many_and_all_together_too",
    ),
    Mutation(
        "what was not forgotten is brought back", "edge", CALLBACK,
        "if asked_at >= forgot_at() or now", "if now",
        "callbacks.py::test_who_took_it_back_is_not_brought_back_while_nothing_was_forgotten",
    ),
    Mutation(
        "an operator takes by name who is away", "edge", "queueing/live/lua/claim.lua",
        "if is_away(cid) then return fail('away') end\n", "",
        "callbacks.py::test_an_operator_does_not_take_by_name_who_is_away",
    ),
    Mutation(
        "who was missed is nobody's work", "7", "queueing/history/recording/recorder.py",
        "            self._tell(entry, lambda: callbacks.ended(conversation, entry.at))\n", "            pass\n",
        "callback_letters.py::test_what_is_missed_is_work_for_somebody",
    ),
    Mutation(
        "a call is written twice", "7", "queueing/history/recording/callbacks.py",
        "number <= row.number:", "number < 0:",
        "callback_letters.py::test_a_call_that_is_recorded_again_is_written_once",
    ),
    Mutation(
        "an operator takes the first of its first line", "3", CHOOSING,
        "if head.at and (not oldest or head.at.ticket < oldest.at.ticket)", "if head.at and not oldest",
        "lines.py::test_an_operator_takes_whoever_has_waited_longest_over_its_lines_and_nobody_else",
    ),
    Mutation(
        "levels are not looked at", "3", MATCHING,
        "    if not best or best == op then break end\n", "    break\n",
        "lines.py::test_the_best_level_is_first_wherever_the_customer_comes_from",
    ),
    Mutation(
        "priority has no bound", "3", CHOOSING,
        "if times_passed(head.at.line, head.at.ticket) >= cfg.passed_most then return nil end", "",
        "lines.py::test_priority_comes_first_but_nobody_is_passed_more_often_than_may_be",
    ),
    Mutation(
        "priority is not looked at", "3", CHOOSING,
        "  local taken = urgent or first\n", "  local taken = first\n",
        "lines.py::test_priority_comes_first_but_nobody_is_passed_more_often_than_may_be",
    ),
    Mutation(
        "a jump is not kept in mind", "3", CLAIMING,
        "  for _, line in ipairs(plan.over or {}) do note_passed(line, plan.waits.ticket) end\n", "",
        "lines.py::test_priority_comes_first_but_nobody_is_passed_more_often_than_may_be",
    ),
    Mutation(
        "a jump does not stand in the journal", "5", CLAIMING,
        "    over = how.over, chosen", "    chosen",
        "lines.py::test_priority_comes_first_but_nobody_is_passed_more_often_than_may_be",
    ),
    Mutation(
        "who leaves the queue stays in its line", "8", LINES,
        "if redis.call('ZREM', K['lines'], place_in(line, record.ticket, cid)) == 0 then return dequeue(cid) end\n", "",
        "lines.py::test_an_operator_takes_whoever_has_waited_longest_over_its_lines_and_nobody_else",
    ),
    Mutation(
        "a busy operator is still offered in its lines", "8", LINES,
        "  redis.call('ZREM', K['free'], unpack(members))\n", "",
        "lines.py::test_the_best_level_is_first_and_then_whoever_has_been_idle_longest",
    ),
    Mutation(
        "who comes free takes whom a better one should have", "1", CHOOSING,
        "own and own < string.match(member, '^[^/]*/([^/]*)') and view.own", "own and view.own",
        "lines.py::test_who_comes_free_gives_way_to_a_better_level_and_to_whoever_has_been_idle_longest",
    ),
    Mutation(
        "who comes free and finds nobody is not offered", "8", "queueing/live/lua/available.lua",
        "if comes and redis.call('HEXISTS', K['serving'], op) == 0 then", "if false then",
        "lines.py::test_who_comes_free_gives_way_to_a_better_level_and_to_whoever_has_been_idle_longest",
    ),
    Mutation(
        "other lines do not count for who is free", "8", LINES,
        "    withdraw(op)\n    offer(op, since)\n", "",
        "lines.py::test_other_lines_count_at_once_for_who_is_free",
    ),
    Mutation(
        "the tick passes over lines that it could match", "1", LINES,
        "      here, there = there, here\n", "      break\n",
        "lines.py::test_whoever_waits_is_found_among_lines_that_have_only_one_of_both",
    ),
    Mutation(
        "numbers of another operator count as one's own", "6", RELAY,
        "(last == op and '' or ':' .. op .. '|')", "''",
        "answering.py::test_a_line_is_told_apart_from_those_of_the_next_operator",
    ),
    Mutation(
        "a place is that of the whole queue", "4", "queueing/live/lua/positions.lua",
        "ranks[own[index]] = rank and rank - before or -1", "ranks[own[index]] = rank or -1",
        "lines.py::test_places_and_staff_are_those_of_the_line",
    ),
    Mutation(
        "a conversation that is passed on to a line stays in its own", "1", "queueing/live/lua/lib/passing_on.lua",
        "if moved then record.line, record.line_name,", "if false then record.line, record.line_name,",
        "lines.py::test_a_conversation_goes_to_another_line_where_somebody_serves_it",
    ),
    Mutation(
        "a department keeps those who are promised something in another one from being judged", "edge", CLAIMING,
        "if now >= at and of == judged.of then return end", "if now >= at then return end",
        "promises.py::test_promises_of_each_department_are_kept_apart",
    ),
    Mutation(
        "whom another release let in is not found", "8", TICK,
        "if not is_indexed() then index_anew() end\n", "",
        "lines.py::test_whom_a_process_of_the_release_before_let_in_is_found_by_the_next_tick",
    ),
    Mutation(
        "who has a time begins to wait twice", "9", BOOK,
        "if known then return known.status == 'waiting' and known.ticket or '' end\n", "",
        "booked.py::test_they_stand_before_all_without_a_time_and_are_called_once",
    ),
    Mutation(
        "who has gone on is told to wait", "9", BOOK,
        "return known.status == 'waiting' and known.ticket or '' end", "return known.ticket end",
        "booked.py::test_who_comes_by_the_link_is_taken_first",
    ),
    Mutation(
        "the worker's clock says when a time has come", "9", BOOK,
        "if now < record.booked then return fail('early') end\n", "",
        "booked.py::test_nobody_is_called_before_the_time_by_the_clock_of_redis",
    ),
    Mutation(
        "who has a time is let in before those who come back after a wipe", "9", BOOK,
        "if now < meta('recover_until') then return fail('recovering') end\n", "",
        "booked.py::test_after_a_wipe_those_who_wait_are_back_first",
    ),
    Mutation(
        "a wipe under open connections is not seen when a time comes", "9", BOOK,
        "notice_wipe(cfg)\n", "",
        "booked.py::test_after_a_wipe_those_who_wait_are_back_first",
    ),
    Mutation(
        "more are away than can be when a time comes", "edge", BOOK,
        "if redis.call('ZCARD', K['callback']) >= AWAY_MAX then return fail('callbacks_full') end\n", "",
        "booked.py::test_no_more_are_away_than_can_be",
    ),
    Mutation(
        "who has a time stands behind those who wait", "9", BOOK,
        "(others or tonumber(now_us)) - HEAD_ROOM_US", "tonumber(now_us)",
        "booked.py::test_they_stand_before_all_without_a_time_and_are_called_once",
    ),
    Mutation(
        "a later time goes before an earlier one", "9", BOOK,
        "    booked = at\n", "    booked = nil\n",
        "booked.py::test_times_keep_their_order_whoever_comes_back_between",
    ),
    Mutation(
        "a time goes before whom a call brought back", "9", BOOK,
        "if one.returns or one.given_back then brought_back = at else others = at end", "others = others or at",
        "booked.py::test_behind_whom_a_lost_call_or_no_answer_brought_back",
    ),
    Mutation(
        "there is no room between whom nobody answered and the others", "9", "queueing/live/lua/lib/handing_back.lua",
        "int(first - HEAD_ROOM_US)", "int(first - 1)",
        "booked.py::test_room_is_left_behind_whom_nobody_answered",
    ),
    Mutation(
        "there is no room between who came back and the others", "9", "queueing/live/lua/join.lua",
        "tonumber(first) - HEAD_ROOM_US", "tonumber(first) - 1",
        "booked.py::test_room_is_left_behind_who_comes_back",
    ),
    Mutation(
        "before whom somebody came is not told", "9", BOOK,
        "behind = behind,", "behind = 0,",
        "booked.py::test_they_stand_before_all_without_a_time_and_are_called_once",
    ),
    Mutation(
        "who has a time is not counted", "4", BOOK,
        "count('joined')\n", "",
        "booked.py::test_they_stand_before_all_without_a_time_and_are_called_once",
    ),
    Mutation(
        "who is to be called at a time is not counted", "4", BOOK,
        "count('callbacks:asked')\n", "",
        "booked.py::test_they_stand_before_all_without_a_time_and_are_called_once",
    ),
    Mutation(
        "who has a time does not stand in the queue", "1", BOOK,
        "enqueue(record)\n", "",
        "booked.py::test_they_stand_before_all_without_a_time_and_are_called_once",
    ),
    Mutation(
        "that somebody came at a time does not stand in the journal", "5", BOOK,
        "journal('joined', cid, record.trace, entry)\n", "",
        "booked.py::test_they_stand_before_all_without_a_time_and_are_called_once",
    ),
    Mutation(
        "how they are reached does not stand in the journal", "5", BOOK,
        "journal('callback:asked', cid, record.trace, ARGV[4])\n", "",
        "booked.py::test_they_stand_before_all_without_a_time_and_are_called_once",
    ),
    Mutation(
        "a chosen time keeps nobody's place", "9", BOOK,
        "keep_callback(cid, callback, 0)\n", "",
        "booked.py::test_they_stand_before_all_without_a_time_and_are_called_once",
    ),
    Mutation(
        "nobody is called when the time comes", "9", BOOK,
        "call_back(cid, record, CALLED)\n", "",
        "booked.py::test_they_stand_before_all_without_a_time_and_are_called_once",
    ),
    Mutation(
        "a hold begins before the turn", "9", BOOK,
        "call_back(cid, record, CALLED)\n", "call_back(cid, record, int(now + cfg.callback_hold))\n",
        "booked.py::test_they_stand_before_all_without_a_time_and_are_called_once",
    ),
    Mutation(
        "a restored customer has no time", "9", "queueing/history/lookup.py",
        'most = {"priority": PRIORITY_MAX, "booked": LATEST_MS}', 'most = {"priority": PRIORITY_MAX}',
        "booked.py::test_who_was_brought_back_still_has_a_time",
    ),
]  # fmt: skip

QUICK = (MUTATIONS[0], MUTATIONS[9])
