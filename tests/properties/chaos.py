"""The steps of fate: killed, stopped and continued processes, and time; and how a run comes to rest."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator

from tests.properties import invariants
from tests.properties.fleet import TIMES, Process
from tests.properties.pages import Page, Violation
from tests.properties.reader import PREFIX
from tests.properties.run import Run, Step
from tests.properties.talk import Talk

STEP_MS = 1_900
"""Time between two ticks; less than half a lease, or everybody would be taken to have slept."""

HOLD_MS = max(TIMES["QUEUE_GRACE_SECS"], TIMES["QUEUE_GRACE_MOBILE_SECS"], TIMES["CALL_GRACE_SECS"]) * 1000
FORGOTTEN_MS = TIMES["STATE_TTL_SECS"] * 1000
ROUNDS_MOST = 4 * (HOLD_MS // STEP_MS + 2)
"""Until everybody who went is given up; a quarter is enough."""
GIVEN_UP = ("abandoned", "customer-lost", "operator-lost")


class Chaos(Talk):
    def __init__(self, run: Run) -> None:
        super().__init__(run)
        self.slept: list[float] = []

    def tick(self, process: Process) -> Step:
        def done(_step: Step, kind: str, value: object) -> None:
            if kind == "ok" and value.lapsed:  # type: ignore[attr-defined]
                self.gone(process)

        return Step(process, "ticks", ("tick",), done)

    def gone(self, process: Process) -> None:
        """The sockets of a process are no longer: their pages have to come again."""
        for page in self.run.pages:
            if page.socket is not None and page.socket.process is process:
                self.run.lost(page)
                page.socket = None

    def elapse(self) -> None:
        """What has really passed since the last tick counts: on a slow machine everybody would seem to have slept."""
        last = float(self.run.fleet.raw.hget(f"{PREFIX}meta", "last_tick") or 0)
        self.run.warp(max(0, STEP_MS - (self._now_ms() - int(last) if last else 0)))
        self.run.do(*(self.tick(process) for process in self.run.awake))

    def elapse_attended(self) -> None:
        """As `elapse`, with a tick of somebody else just before. Without it there are 100 ms from STEP_MS to half a
        lease: a busy machine that takes longer makes an outage for the rules, after which all graces begin anew."""
        self.run.warp(STEP_MS)
        self.run.fleet.raw.hset(f"{PREFIX}meta", "last_tick", self._now_ms())
        self.run.do(*(self.tick(process) for process in self.run.awake))

    def _now_ms(self) -> int:
        seconds, micros = self.run.fleet.raw.time()
        return int(seconds * 1000 + micros // 1000)

    def overdue(self) -> None:
        """A match has waited for its answer as long as it may."""
        state = self.run.read()
        if state.answer and self._outage_is_long_over():
            cid = self.random.choice(sorted(state.answer))
            self.run.note(f"{cid} has to be answered by now")
            self.run.fleet.raw.zadd(f"{PREFIX}answer", {cid: 1}, xx=True)
            self.run.do(*(self.tick(process) for process in self.run.awake))

    def over(self) -> None:
        """Whoever is held for a colleague has waited long enough."""
        held = sorted(self.run.read().hold)
        if held and self._outage_is_long_over():
            self.run.note(f"{held} have waited for a colleague")
            self.run.fleet.raw.zadd(f"{PREFIX}hold", dict.fromkeys(held, 1), xx=True)
            self.run.do(*(self.tick(process) for process in self.run.awake))

    def _outage_is_long_over(self) -> bool:
        """Nobody is blamed for what Redis, or all processes, did not hear of."""
        reachable_ms = float(self.run.fleet.raw.hget(f"{PREFIX}meta", "reachable_at") or 0)
        return self._now_ms() > reachable_ms + TIMES["CALL_GRACE_SECS"] * 1000

    def sleep(self) -> None:
        """Everybody sleeps: a suspended machine, or a Redis nobody could reach."""
        for page in self.run.pages:
            self.run.lost(page)
        self.run.warp(20_000)
        self.slept.append(self.run.virtual())

    def age(self) -> None:
        """So long that ended conversations are forgotten, but for those whose pages are still open."""
        for page in self.online(self.customers("ended")):
            if page.socket is not None and not page.socket.process.stopped:
                self.run.do(self.lose_of(page))
        self.sleep()
        self.run.warp(FORGOTTEN_MS)
        self.run.do(*(self.tick(process) for process in self.run.awake))

    def nobody_was_given_up_asleep(self) -> None:
        """Nothing ran out for anyone until a full grace after everybody slept."""
        for _entry_id, fields in self.run.read().entries:
            if fields["type"] != "ended" or json.loads(fields["data"])["reason"] not in GIVEN_UP:
                continue
            at = self.run.virtual(int(fields["at"]))
            if any(slept < at < slept + HOLD_MS - STEP_MS for slept in self.slept):
                raise Violation(f"{fields['conversation']} was given up after a sleep: {fields['data']}")

    def kill(self) -> None:
        """SIGKILL, sometimes with steps on their way whose outcome nobody will know."""
        process = self.random.choice(self.run.fleet.processes)
        sent = self.run.in_flight.pop(process, [])
        if not process.stopped and self.random.random() < 0.6:
            for step in self.several(process, self.random.randint(1, 3)):
                self.run.send(step)
                self.run.note(f"{process.name}: {step.label} (and is killed)")
                sent.append(step)
        self.run.note(f"{process.name} is killed")
        self.run.fleet.kill(process)
        for step in sent:
            self.run.finish(step)
        process.close()
        self.gone(process)
        self.zombies = [(page, socket) for page, socket in self.zombies if socket.process is not process]
        self.run.fleet.spawn()

    def stop(self) -> None:
        if len(self.run.awake) > 1:
            process = self.process()
            self.run.note(f"{process.name} is stopped")
            process.signal(signal.SIGSTOP)
            for page in self.run.pages:
                if page.socket is not None and page.socket.process is process:
                    self.run.lost(page)

    def resume(self, process: Process | None = None) -> None:
        """SIGCONT: what was on its way is carried out now, by sockets that others may have replaced."""
        if process is None:
            process = self.random.choice(self.run.stopped) if self.run.stopped else None
        if process is None:
            return
        self.run.note(f"{process.name} continues")
        process.signal(signal.SIGCONT)
        for step in self.run.in_flight.pop(process, []):
            step.since = self.run.clock
            self.run.finish(step)

    def several(self, process: Process, count: int) -> list[Step]:
        """Up to `count` steps that happen to be this process'."""
        found = []
        for _ in range(12):
            step = self.random.choice((self.say, self.end, self.available, self.ack, self.lose, self.say))()
            if step is not None and step.process is process:
                found.append(step)
            if len(found) == count:
                break
        return found

    # -- rest ------------------------------------------------------------------------------------------------------

    def settle(self) -> None:
        """Everything runs again, everybody is back, and everything that was sent has arrived."""
        run = self.run
        while run.stopped:
            self.resume(run.stopped[0])
        run.do(Step(run.awake[0], "maintenance off", ("command", "maintenance", "off")))
        for _ in range(2):
            run.do(*(self.tick(process) for process in run.awake))
            self.all_back()
        self.deliver_all()
        self.all_back()  # a page whose frames are gone is told to resync by what it has just received
        self.resend_all()
        run.do(*(self.tick(process) for process in run.awake))
        self.deliver_all()

    def all_back(self) -> None:
        for page in list(self.run.pages):
            self.back(page)

    def back(self, page: Page) -> None:
        if page.phase == "new" and page.join_key:
            self.run.do(self.join_of(page, f"cid{self.run.number()}"))
        elif page.socket is None and page.phase != "new":
            step = self.reconnect(page, "exact")
            if step is not None:
                self.run.do(step)

    def resend_all(self) -> None:
        for page in self.run.pages:
            for step in self.resend(page):
                self.run.do(step)

    def deliver_all(self) -> None:
        loss, self.loss = self.loss, 0.0
        self.run.do(*(self.deliver(process) for process in self.run.awake))
        for page in list(self.run.pages):
            step = self.repair(page)
            if step is not None:
                self.run.do(step)
        self.run.do(*(self.deliver(process) for process in self.run.awake))
        self.loss = loss

    def verdict(self) -> None:
        """After `settle`: the rules at rest, and every page shows what is so."""
        state = self.run.check()
        self.nobody_was_given_up_asleep()
        found = list(invariants.at_rest(state))
        lines: dict[tuple[str, str], list[tuple[int, str]]] = {}
        for _entry_id, fields in state.entries:
            if fields["type"] == "chat":
                line = _parse(fields["data"])
                lines.setdefault((fields["conversation"], line[0]), []).append(line[1:])
        for page in self.run.pages:
            found += list(self._page(page, state, lines))
        if found:
            raise Violation("\n".join(found))

    def _page(self, page: Page, state: object, lines: dict[tuple[str, str], list[tuple[int, str]]]) -> Iterator[str]:
        records, serving = state.records, state.serving  # type: ignore[attr-defined]
        if page.socket is None or page.phase == "new":
            return
        if page.side == "c" and page.cid in records and page.phase != records[page.cid]["status"]:
            yield f"{page.party} shows {page.phase}, it is {records[page.cid]['status']}"
        given_back = "given_back" in records.get(page.cid, {})
        if page.phase == "waiting" and not given_back and state.line.get(page.cid) != page.ticket:  # type: ignore[attr-defined]
            yield f"{page.party} had the place {page.ticket}"
        if page.side == "o" and page.cid != serving.get(page.name):
            yield f"{page.party} shows {page.cid}, it serves {serving.get(page.name)}"
        peer = "operator" if page.side == "c" else "customer"
        for cid, shown in page.lines.items():
            if shown != lines.get((cid, peer), []):
                yield f"{page.party} shows {shown} in {cid}, said was {lines.get((cid, peer), [])}"
        if page.phase == "active" and page.cid is not None:
            own = lines.get((page.cid, "customer" if page.side == "c" else "operator"), [])
            for line in page.sent:
                if line.acked and line.cid == page.cid and (line.number, line.text) not in own:
                    yield f"{page.party} said {line}, and it is not there"

    def forget_all(self) -> None:
        """Everybody goes, everything ends, and in time nothing is left of it."""
        for page in self.online(self.run.pages):
            self.run.do(self.lose_of(page))
        for _ in range(ROUNDS_MOST):
            state = self.run.read()
            if not state.line and not state.active:
                break
            self.elapse_attended()
        self.age()
        state = self.run.check()
        left = [cid for cid in state.records if f"c:{cid}" not in state.conn]
        if left:
            raise Violation(f"not forgotten: {left}")

    def serve_all(self) -> None:
        """Operators work until nobody waits: everyone who stayed is served, each once, but for those of lines that
        none of them serves."""
        operators = self.online(self.operators())
        served = {line for page in operators for line in page.served}
        # Whoever stayed is back: nobody has to be spared for an outage any more.
        self.run.fleet.raw.hset(f"{PREFIX}meta", "reachable_at", 0)
        for _ in range(3 * len(self.run.pages) + 3):
            for page in operators:
                assert page.socket is not None
                self.run.do(
                    self.write(page, "ends", "finish", page.party, page.socket.conn, "", "hangup", "operator"),
                    self.write(page, "goes on", "available", page.name, page.socket.conn, True),
                )
            self.over()
            state = self.run.check()
            waiting = [cid for cid in state.line if state.records[cid].get("line", "") in served]
            if not waiting and not state.active:
                return
        if operators:
            raise Violation(f"still waiting: {waiting}, in calls: {state.active}")


def _parse(data: str) -> tuple[str, int, str]:
    line = json.loads(data)
    return line["from"], line["id"], line["text"]
