"""What must hold in every state, whoever did what before. Each function yields sentences about what is wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from tests.properties.reader import State


def problems(state: State) -> list[str]:
    found: list[str] = []
    for rule in (one_place, one_call, sockets, desks, counters, mailboxes, leftovers, places, by_line, callbacks):
        found += [f"{rule.__name__}: {sentence}" for sentence in rule(state)]
    return found


def one_place(state: State) -> Iterator[str]:
    """1. In the queue, or active with exactly one operator, or ended."""
    places = {"waiting": set(state.line), "active": set(state.active), "ended": set(state.ended)}
    for cid, record in state.records.items():
        at = [place for place, members in places.items() if cid in members]
        if at != [record["status"]]:
            yield f"{cid} says {record['status']} and is in {at}"
        if record["status"] == "waiting" and state.line.get(cid) != float(record["ticket"]):
            yield f"{cid} waits with {state.line.get(cid)} instead of its ticket {record['ticket']}"
        if record["status"] == "active" and state.active.get(cid) != record.get("operator"):
            yield f"{cid} says operator {record.get('operator')}, the calls say {state.active.get(cid)}"
        if record["status"] == "ended" and not record.get("reason"):
            yield f"{cid} ended without a reason"
    for place, members in places.items():
        for cid in members - set(state.records):
            yield f"{cid} is in {place} and has no record"


def places(state: State) -> Iterator[str]:
    """4. Places per address count those who wait, no more than may; groups of joins are named as in moves.py."""
    expected = {
        f"{group}/{cid}" for cid in state.line for group in state.records.get(cid, {}).get("places", [])
    }  # fmt: skip
    if set(state.places) != expected:
        yield f"places {sorted(state.places)}, expected {sorted(expected)}"
    # Who was given back is counted and not judged: it had a place before.
    judged = [member for member in expected if "given_back" not in state.records[member.split("/")[1]]]
    for group, count in Counter(member.split("/")[0] for member in judged).items():
        most = {"near": 3, "around": 4, "far": 7}.get(group.rstrip("0123456789"))
        if most is not None and count > most:
            yield f"{count} wait from {group}"


def callbacks(state: State) -> Iterator[str]:
    """C1. Only who waits is to be called, is listed when the record says so, and is counted for what it counts."""
    told = {cid: record["callback"] for cid, record in state.records.items() if "callback" in record}
    if set(told) != set(state.callback):
        yield f"records say that {sorted(told)} are to be called, listed are {sorted(state.callback)}"
    for cid, callback in told.items():
        if cid not in state.line:
            yield f"{cid} is to be called and does not wait"
        if (state.callback.get(cid) == 0) != (callback["calls"] == 0):
            yield f"{cid} was called {callback['calls']} times, and due is {state.callback.get(cid)}"
        if not 0 <= callback["calls"] <= 2:
            yield f"{cid} was called {callback['calls']} times"
    expected = {f"{who}/{cid}" for cid, callback in told.items() for who in callback["who"]}
    if set(state.caller) != expected:
        yield f"callers {sorted(state.caller)}, expected {sorted(expected)}"
    # Whose chosen time has come is counted and not judged: nobody is refused what was promised.
    asked = [member for member in expected if "booked" not in state.records[member.split("/")[1]]]
    for who, count in Counter(member.split("/")[0] for member in asked).items():
        if count > {"m": 1, "s": 4, "t": 2}[who[0]]:
            yield f"{count} callbacks of {who}"


def by_line(state: State) -> Iterator[str]:
    """What each line says of its customers and operators is what the queue and the desks say of all."""
    queued = {cid: _line(state, cid) for cid in state.line}
    expected = {f"{line}/{state.line[cid]:016.0f}/{cid}" for cid, line in queued.items()}
    if set(state.lines) != expected:
        yield f"lines {sorted(state.lines)}, expected {sorted(expected)}"
    named = {cid: f"{line}/{state.line[cid]:016.0f}" for cid, line in queued.items() if line}
    if state.line_of != named:
        yield f"line_of {state.line_of}, expected {named}"
    priorities = {cid: state.records[cid]["priority"] for cid in queued if "priority" in state.records.get(cid, {})}
    urgent = {f"{queued[cid]}/{3 - level}/{state.line[cid]:016.0f}/{cid}" for cid, level in priorities.items()}
    if set(state.urgent) != urgent:
        yield f"urgent {sorted(state.urgent)}, expected {sorted(urgent)}"
    offers = {
        f"{line}/{level}/{since:016.0f}/{operator}"
        for operator, since in state.available.items()
        for line, level in _serves(state, operator)
    }
    if set(state.free) != offers:
        yield f"free {sorted(state.free)}, expected {sorted(offers)}"
    if set(state.offered) != set(state.available):
        yield f"offered {sorted(state.offered)}, available {sorted(state.available)}"


def _line(state: State, cid: str) -> str:
    return str(state.records.get(cid, {}).get("line", ""))


def _serves(state: State, operator: str) -> list[tuple[str, str]]:
    """(line, level)"""
    pairs = (word.split("=") for word in state.operator.get(f"{operator}:lines", "=1").split(" "))
    return [(line, level) for line, level in pairs]


def one_call(state: State) -> Iterator[str]:
    """2. An operator has at most one conversation."""
    for operator, calls in Counter(state.active.values()).items():
        if calls > 1:
            yield f"{operator} is in {calls} calls"
    for cid in set(state.answer) - set(state.active):
        yield f"{cid} has to be answered and is in no call"
    for member in state.hold:
        cid, _, word = member.partition("/")
        if cid not in state.line or state.records[cid].get("held") != word:
            yield f"{member} is held and does not wait so"
    for cid in state.line:
        word = state.records.get(cid, {}).get("held")
        if word and f"{cid}/{word}" not in state.hold:
            yield f"{cid} waits for {word} and is not held"
    if {op: cid for cid, op in state.active.items()} != state.serving:
        yield f"calls {state.active} and desks {state.serving} differ"


def sockets(state: State) -> Iterator[str]:
    """Every live party has a socket or a deadline, never both; what a process holds is what the sockets say."""
    for cid, record in state.records.items():
        party = f"c:{cid}"
        if cid in state.callback:
            if party in state.grace:
                yield f"{party} is to be called and has a deadline {state.grace[party]}"
        elif record["status"] != "ended" and (party in state.conn) == (party in state.grace):
            yield f"{party} has socket {state.conn.get(party)} and deadline {state.grace.get(party)}"
        if record["status"] == "ended" and party in state.grace:
            yield f"{party} is over and has a deadline"
    for operator in state.serving:
        party = f"o:{operator}"
        if (party in state.conn) == (party in state.grace):
            yield f"{party} in a call has socket {state.conn.get(party)} and deadline {state.grace.get(party)}"
    for party, conn in state.conn.items():
        process = conn.split("|")[0]
        if f"{process}/{party}" not in state.held:
            yield f"{party} is held by {process}, which does not know it"
        if process not in state.lease:
            yield f"{party} is held by {process}, which has no lease"
    for member in state.held:
        process, _, party = member.partition("/")
        if party and state.conn.get(party, "").split("|")[0] != process:
            yield f"{process} holds {party}, whose socket is {state.conn.get(party)}"


def desks(state: State) -> Iterator[str]:
    """Who is available is on shift, connected and idle; who is all that, is available."""
    for operator in state.available:
        if operator in state.serving:
            yield f"{operator} is available in a call"
        if f"o:{operator}" not in state.conn:
            yield f"{operator} is available without a socket"
        if operator in state.wrapup:
            yield f"{operator} is available during the wrap-up"
        if state.operator.get(f"{operator}:wants") != "1":
            yield f"{operator} is available and off shift"
    for operator in state.wrapup:
        if operator in state.serving:
            yield f"{operator} wraps up in a call"


def leftovers(state: State) -> Iterator[str]:
    """Of a forgotten conversation nothing is kept."""
    for key in ("chat", "gen"):
        for member in getattr(state, key):
            if member.split("/")[0].removesuffix(":n") not in state.records:
                yield f"{key} keeps {member}"
    for name in state.box:
        if name.startswith("c:") and name[2:].rpartition(":")[0] not in state.records:
            yield f"box keeps {name}"
        if ("/" in name or name.endswith(":left")) and name.split("/")[0].removesuffix(":left") not in state.records:
            yield f"box keeps {name}"
    for word, cid in state.joinkey.items():
        if cid not in state.records:
            yield f"{word} leads to {cid}, which is forgotten"


def idle_on_shift(state: State) -> list[str]:
    """Operators who are on shift, connected through a living process, not in a call and not wrapping up."""
    found = []
    for party, conn in state.conn.items():
        operator = party[2:]
        leased = state.lease.get(conn.split("|")[0], 0) > state.now_ms
        wants = party[0] == "o" and state.operator.get(f"{operator}:wants") == "1"
        if wants and leased and operator not in state.serving and operator not in state.wrapup:
            found.append(operator)
    return found


def at_rest(state: State) -> Iterator[str]:
    """After a tick of every process: nobody idle is forgotten, and nobody waits while somebody is free."""
    idle = idle_on_shift(state)
    for operator in idle:
        if operator not in state.available:
            yield f"{operator} is idle on shift and not available"
    served = {line for operator in idle for line, _level in _serves(state, operator)}
    present = [
        cid
        for cid in state.line
        if f"c:{cid}" in state.conn and "held" not in state.records[cid] and _line(state, cid) in served
    ]
    if present and state.of_meta("recover_until") <= state.now_ms:
        yield f"{present} wait while {idle} are free"


def counters(state: State) -> Iterator[str]:
    """4. Counters equal what they count."""
    kinds = Counter(fields["type"] for _id, fields in state.entries)
    live = sum(record["status"] != "ended" for record in state.records.values())
    if state.count("joined") - state.count("ended") != live:
        yield f"joined {state.count('joined')} - ended {state.count('ended')} is not {live}"
    if state.count("joined") != kinds["joined"] + kinds["restored"]:
        yield f"joined {state.count('joined')}, the journal has {kinds['joined']} + {kinds['restored']}"
    for name in ("claimed", "ended", "restored", "callbacks:asked", "callbacks:called"):
        noted = kinds[name.replace("callbacks:", "callback:")]
        if state.count(name) != noted:
            yield f"{name} {state.count(name)}, the journal has {noted}"
    reasons = sum(int(value) for name, value in state.stats.items() if name.startswith("ended:"))
    if reasons != state.count("ended"):
        yield f"ended {state.count('ended')}, by reason {reasons}"


def mailboxes(state: State) -> Iterator[str]:
    """6. What is stored is exactly what was numbered and not acknowledged."""
    stored: dict[str, set[int]] = {}
    for name in state.mail:
        party, _, seq = name.rpartition("/")
        stored.setdefault(party, set()).add(int(seq))
    parties = {name[:-4] for name in state.box if name.endswith(":seq")}
    for party in parties | set(stored):
        last, floor = (int(state.box.get(f"{party}:{name}", 0)) for name in ("seq", "floor"))
        if stored.get(party, set()) != set(range(floor + 1, last + 1)):
            yield f"{party} keeps {sorted(stored.get(party, set()))}, given were {floor + 1} to {last}"
