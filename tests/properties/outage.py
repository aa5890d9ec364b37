"""Redis itself fails: wiped, killed, killed with a lost tail. And the worker that writes the journal down."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path

from tests.properties.chaos import Chaos
from tests.properties.fleet import TIMES, Gone, Process
from tests.properties.pages import Page, Violation
from tests.properties.reader import State
from tests.properties.replay import Rebuilt, rebuild
from tests.properties.run import CLOCK_SLACK_MS, Run, Step

PAUSE_MS = TIMES["RECOVERY_SECS"] * 1000


class Outage(Chaos):
    by_token = True

    def __init__(self, run: Run) -> None:
        super().__init__(run)
        self.wiped_at = 0.0
        self.run.awake[0].call("forget")
        # The empty beginning has to be on the disk, whatever is lost later.
        self.run.fleet.raw.config_set("appendfsync", "always")
        self.run.fleet.raw.hset("{property}:meta", "began", 1)
        self.run.fleet.raw.config_set("appendfsync", "everysec")
        self.began = self._file()

    # -- Redis -----------------------------------------------------------------------------------------------------

    def wipe(self) -> None:
        """FLUSHALL while every connection stays open. What the pages hold is all that is left."""
        self.run.note("redis is wiped")
        self.run.may_redraw = True
        self.run.fleet.raw.flushall()
        self.wiped_at = self.run.virtual()
        self.run.archive.clear()
        # It knows of no socket any more; a process that has never ticked hears of it only when a page repairs.
        for page in self.run.pages:
            self.run.lost(page)
        self._forgotten()

    def crash(self) -> None:
        """SIGKILL of Redis, which writes up to two seconds late; sometimes the end of its file is cut besides.

        Redis (7.0) leaves a transaction that was cut inside a command in its file, as a beginning without an end; what
        is written behind it completes it at the next load. A rewrite of the file right after the start removes it.
        """
        redis = self.run.fleet.redis
        lost = self.random.choice((0, 0, self.random.randint(1, 3000)))
        self.run.note(f"redis is killed, {lost} bytes are lost")
        self.run.may_redraw = self.run.forgetful = True
        redis.kill()
        if lost:
            newest, size = self._file()
            kept = self.began[1] if newest == self.began[0] else 0  # never back into the run before
            with newest.open("r+b") as tail:
                tail.truncate(max(kept, size - lost))
        redis.start()
        if lost:
            self._rewrite()
        self.run.archive.clear()
        for page in self.run.pages:
            page.must_redraw = True
        self._sockets_closed()

    def _file(self) -> tuple[Path, int]:
        """What Redis is writing now, and how long it is."""
        files = (self.run.fleet.redis.folder / "appendonlydir").glob("*.incr.aof")
        newest = max(files, key=lambda path: int(path.name.split(".")[2]))
        return newest, newest.stat().st_size

    def _rewrite(self) -> None:
        """What the launcher does after every start: see `crash`."""
        raw = self.run.fleet.raw
        raw.bgrewriteaof()
        while raw.info("persistence")["aof_rewrite_in_progress"]:
            time.sleep(0.002)

    def _forgotten(self) -> None:
        """Nothing that was answered before is so now."""
        self.run.joined.clear()
        self.run.over.clear()
        for page in self.run.pages:
            page.certain = False
            page.must_redraw = True
            for line in page.sent:
                line.acked = False

    def _sockets_closed(self) -> None:
        """A server closes all sockets when it has lost Redis, and ticks again once it is back."""
        for process in self.run.fleet.processes:
            self.gone(process)
        for process in self.run.awake:
            for _attempt in range(3):
                kind, _value = process.call("tick")
                if kind == "ok":
                    break
            process.call("drain")
            self.run.do(self.deliver(process))

    def refused(self, page: Page, code: str) -> None:
        """After a wipe a token of an ended conversation is refused, and one that comes after the grace."""
        if code not in ("token_expired", "unknown") or page.side == "o":
            raise Violation(f"hello answered {code}")
        page.phase = "ended"

    def settle(self) -> None:
        """Also the pause of claims after a wipe passes."""
        super().settle()
        for _ in range(3):
            self.elapse()
        self.deliver_all()
        for _ in range(4):  # a call that came back makes its operator's console come again
            away = [page for page in self.run.pages if page.socket is None and page.phase not in ("new", "ended")]
            for page in away:
                self.back(page)
            if not away:
                break
            self.deliver_all()

    # -- the worker ------------------------------------------------------------------------------------------------

    def record(self) -> Step:
        self.run.read()
        return Step(self.process(), "records", ("record",))

    def record_racing(self) -> None:
        """Two workers at once."""
        self.run.read()
        self.run.do(*(Step(process, "records", ("record",)) for process in self.run.awake[:2]))

    def record_and_die(self) -> None:
        """A worker is killed after a commit, before it could acknowledge, or with a batch in its hands."""
        self.run.read()
        process = self.run.fleet.spawn(f"worker{self.run.number()}")
        self.run.note(f"{process.name} records and is killed")
        try:
            process.call(
                "record_and_die", self.random.randint(1, 8), self.random.randint(1, 3), self.random.random() < 0.6
            )
        except Gone:
            process.alive = False
            self.run.fleet.processes.remove(process)
        else:
            self.run.fleet.kill(process)  # there was too little to record
        process.close()

    def nothing_unread_is_trimmed(self) -> None:
        kept = {entry_id for entry_id, _fields in self.run.fleet.raw.xrange("{property}:journal")}
        recorded = self.recorded()
        ids = {row[2] for row in recorded["events"]} | {row[3] for row in recorded["chat"]}
        gone = set(self.run.archive) - kept - ids
        if gone:
            raise Violation(f"trimmed and not recorded: {gone}")

    def recorded(self) -> dict[str, object]:
        kind, rows = self.run.awake[0].call("recorded")
        assert kind == "ok", rows
        return rows  # type: ignore[no-any-return]

    def nobody_was_claimed_early(self) -> None:
        """After a wipe nobody is claimed in turn until tokens had their time to come back."""
        for _entry_id, fields in self.run.read().entries:
            in_turn = fields["type"] == "claimed" and "jumped" not in json.loads(fields["data"])
            if in_turn and self.run.virtual(int(fields["at"]) + 1) < self.wiped_at + PAUSE_MS - CLOCK_SLACK_MS:
                raise Violation(f"{fields['conversation']} was claimed during the pause")

    def compare_live_records(self) -> None:
        """The database agrees on every conversation that this Redis knows; older rows may be there besides."""
        state = self.run.read()
        built = rebuild(state.entries, self.run.may_be_absent)
        self.drained(self.run.awake[0])
        rows: dict[str, tuple[str, ...]] = self.recorded()["conversations"]  # type: ignore[assignment]
        found = [
            f"{cid} is recorded as {rows[cid][0]}, it is {status}"
            for cid, status in _status(built).items()
            if rows[cid][0] != status
        ]
        if found:
            raise Violation("\n".join(found))

    def compare_records(self) -> None:
        """The database says exactly what the journal says, also when everything is recorded again."""
        state = self.run.read()
        built = rebuild(state.entries, self.run.may_be_absent)
        worker = self.run.awake[0]
        self.drained(worker)
        self.nothing_unread_is_trimmed()
        found = list(_differences(self.recorded(), built, state))
        for entry_id, fields in state.entries:  # the whole journal once more, as if nothing had been acknowledged
            if not self.run.fleet.raw.xrange("{property}:journal", entry_id, entry_id):
                again = fields | {"again": "1"}
                self.run.fleet.raw.xadd("{property}:again", again, id=entry_id)
        self.run.fleet.raw.delete("{property}:journal")
        if state.entries:
            self.run.fleet.raw.rename("{property}:again", "{property}:journal")
        self.drained(worker)
        found += [f"again: {row}" for row in _differences(self.recorded(), built, state)]
        if found:
            raise Violation("\n".join(found))

    def drained(self, worker: Process) -> None:
        kind, value = worker.call("record")
        if kind != "ok" or value < 0:
            raise Violation(f"recording answered {kind} {value}")


def _status(built: Rebuilt) -> dict[str, str]:
    live = dict.fromkeys(built.line, "waiting") | dict.fromkeys(built.active, "active")
    return live | dict.fromkeys(built.ended, "ended")


def _differences(rows: dict[str, object], built: Rebuilt, state: State) -> Iterator[str]:
    conversations: dict[str, tuple[str, ...]] = rows["conversations"]  # type: ignore[assignment]
    status = _status(built)
    recorded = {cid: row[0] for cid, row in conversations.items()}
    if recorded != status:
        yield f"the database says {recorded}, the journal {status}"
    for cid, (_recorded, reason, admin_id, *_rest) in conversations.items():
        if reason != built.ended.get(cid, "") or admin_id != built.operators.get(cid, ""):
            yield f"{cid} is recorded with {reason} and {admin_id}"
    kinds = [(cid, kind) for cid, kind, _entry in rows["events"]]  # type: ignore[attr-defined]
    if kinds != built.kinds:
        yield f"recorded events {kinds}, the journal has {built.kinds}"
    said = [(cid, side, text) for cid, side, text, _entry in rows["chat"]]  # type: ignore[attr-defined]
    for cid, lines in built.lines.items():
        mine = [(side, text) for other, side, text in said if other == cid]
        if mine != [(side, text) for side, _number, text in lines]:
            yield f"{cid}: recorded {mine}, the journal has {lines}"
    if len(said) != sum(map(len, built.lines.values())):
        yield f"{len(said)} lines are recorded"
    joins = sum(fields["type"] == "joined" for _id, fields in state.entries)
    if rows["notices"] != joins:
        yield f"{rows['notices']} notices for {joins} joins"
