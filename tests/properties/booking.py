"""Customers who have chosen a time: it comes, they are called, come by the link, are missed, give it back, or nobody
was there to call them in time."""

from __future__ import annotations

import json
from typing import Any

from tests.properties import reader
from tests.properties.calling import Calling
from tests.properties.fleet import Gone
from tests.properties.outage import Outage
from tests.properties.pages import Page, Violation
from tests.properties.run import Run, Step

BOOKED_MAX = 4
LOST_SECS = 31
"""So long after a call the worker asks whether the history knows of it (appointments/due.py)."""
SOON_SECS = 55
"""Less than a look that is later than all before (`begun_again`), and longer than a run."""
REFUSED = ("early", "recovering", "appointment_over")
DONE = ("met", "missed", "cancelled")


class Booking(Calling):
    def __init__(self, run: Run) -> None:
        super().__init__(run)
        self.chosen: list[Page] = []
        self.come: set[str] = set()
        """Whose time has come, and nobody was late."""
        self.too_late: set[str] = set()
        """Whose time was long gone before anybody looked."""
        self.ahead_s = 0
        self.soon: set[str] = set()
        """Whose time comes within a minute."""
        self.returned: set[str] = set()
        """Who gave it back and was told that it is so."""

    # -- what happens ----------------------------------------------------------------------------------------------

    def choose(self) -> Step | None:
        if len(self.chosen) >= BOOKED_MAX:
            return None
        number = self.run.number()
        page = Page(f"b{number}", "c")
        page.cid = f"cid{number}"
        self.chosen.append(page)
        self.run.pages.append(page)
        return Step(self.process(), f"{page.name} chooses a time", ("choose", page.cid, number))

    def time_comes(self) -> None:
        """Of the first who waits for it; of some it is some minutes ago, so that they come in another order."""
        self._comes(self.random.randint(1, 600), self.come)

    def time_nears(self) -> None:
        """Whoever asks by a clock that runs ahead, asks for it too early."""
        self._comes(-SOON_SECS, self.soon)

    def worker_was_out(self) -> None:
        self._comes(self.random.randint(3700, 9000), self.too_late)

    def _comes(self, ago_s: int, among: set[str]) -> None:
        page = self.pick([page for page in self.chosen if page.cid not in self.come | self.too_late | self.returned])
        if page is None or page.cid is None:
            return
        self.run.note(f"the time of {page.name} was {ago_s} s ago")
        self.soon.discard(page.cid)
        kind, value = self.run.awake[0].call("has_come", page.cid, ago_s)
        assert kind == "ok", value
        if value:
            among.add(page.cid)

    def look(self) -> Step:
        """A worker looks what is due; sometimes by a clock that runs ahead, so that it asks too early or again."""
        ahead = self.random.choice((0, 0, 20, LOST_SECS))
        return Step(self.process(), f"looks what is due, {ahead} s ahead", ("see_to", ahead), self._looked)

    def look_racing(self) -> None:
        self.run.do(*(Step(process, "looks", ("see_to", LOST_SECS), self._looked) for process in self.run.awake))

    def look_and_die(self) -> None:
        """A worker is killed before or behind the step of Redis that lets somebody in."""
        process = self.run.fleet.spawn(f"worker{self.run.number()}")
        self.run.note(f"{process.name} looks and is killed")
        try:
            process.call("see_to_and_die", self.random.random() < 0.5)
        except Gone:
            process.alive = False
            self.run.fleet.processes.remove(process)
        else:
            self.run.fleet.kill(process)  # nothing was due
        process.close()

    def ask_again(self) -> None:
        """A worker whose answer was lost asks once more, or two do, sometimes when the wait is over: whoever is known
        goes on as before, and they are told how."""
        known = self.run.read().records
        page = self.pick([page for page in self.chosen if page.cid in known])
        if page is None or page.cid is None:
            return
        cid = page.cid
        if known[cid]["status"] == "waiting" and self.random.random() < 0.4:
            self.run.do(self.remove_of(cid))
        waits = cid in self.run.read().line

        def done(_step: Step, kind: str, value: Any) -> None:
            if kind != "ok" or value not in (waits, None):
                raise Violation(f"{cid} waits: {waits}, and a worker was answered {value}")

        asking = self.random.sample(self.run.awake, min(len(self.run.awake), self.random.choice((1, 2))))
        self.run.do(*(Step(process, f"asks for {page.name} again", ("call_again", cid), done) for process in asking))

    def _looked(self, _step: Step, kind: str, value: Any) -> None:
        if kind == "error" and value not in REFUSED:
            raise Violation(f"looking what is due was answered {value}")

    def open_letter(self) -> Step | None:
        """Somebody opens the link for the first time, or on another device."""
        page = self.pick([page for page in self.chosen if page.phase in ("new", "waiting", "active")])
        if page is None or page.attaching:
            return None
        self._letter(page)
        return self.reconnect(page, "none") if page.token else None

    def _letter(self, page: Page) -> None:
        """The link is in the letter that calls, so there is none before the history knows of the call."""
        if page.token:
            return
        kind, token = self.run.awake[0].call("letter", page.cid)
        if kind == "ok" and token:
            page.token, page.phase = token, "waiting"
            # Also of a wait that is over: a wipe that takes its end away brings it back to where it stood.
            state = self.run.read()
            joined = [
                float(json.loads(fields["data"])["ticket"])
                for _id, fields in state.entries
                if fields["type"] == "joined" and fields["conversation"] == page.cid
            ]
            page.ticket = state.line.get(page.cid, joined[-1] if joined else 0.0)

    def move_time(self) -> Step | None:
        return self._change("move_time")

    def give_back(self) -> Step | None:
        return self._change("give_back")

    def _change(self, what: str) -> Step | None:
        page = self.pick(self.chosen)
        if page is None or page.cid is None or (what == "move_time" and page.cid in self.come | self.too_late):
            return None
        cid = page.cid

        def done(_step: Step, kind: str, value: Any) -> None:
            if kind == "error" and value not in REFUSED:
                raise Violation(f"{what} of {cid} was answered {value}")
            if kind == "ok" and value and what == "give_back":
                self.returned.add(cid)

        return Step(self.process(), f"{page.name}: {what}", (what, cid), done)

    def wipe(self) -> None:
        """Sometimes before the history was told of the call; sometimes they come by their links before the worker does
        anything about it."""
        if self.random.random() < 0.5:
            super().wipe()
        else:
            Outage.wipe(self)
            # A worker may look before anybody has noticed.
            noticed = self.random.random() < 0.5
            if noticed:
                self.run.do(*(self.tick(process) for process in self.run.awake))
            self.time_comes()
            self.nobody_is_let_in()
            if not noticed:
                self.run.do(*(self.tick(process) for process in self.run.awake))
        self.begun_again()
        self.still_timed()

    def nobody_is_let_in(self) -> None:
        """Before those who wait have had their time to come back."""
        self.run.do(Step(self.run.awake[0], "looks", ("see_to", 2 * LOST_SECS + self.ahead_s), self._looked))
        joined = [fields["conversation"] for _id, fields in self.run.read().entries if fields["type"] == "joined"]
        if let_in := {page.cid for page in self.chosen} & set(joined):
            raise Violation(f"{let_in} began to wait during the pause after a wipe")

    def still_timed(self) -> None:
        """Whoever came back has the time that was chosen: later ones stand behind it."""
        records = self.run.read().records
        if lost := [cid for cid in self.come & set(records) if not records[cid].get("booked")]:
            raise Violation(f"{lost} came back without the time that they had chosen")

    def forgotten(self) -> None:
        if self.random.random() < 0.5:
            self.all_back()

    def begun_again(self) -> None:
        """What Redis forgot before the history was told of it, as soon as others had their time to come back."""
        reader.forget_pause(self.run.fleet.raw)
        # The worker has been at work meanwhile: what it brings back is what the history says is open.
        self.run.do(self.record())
        self.run.do(Step(self.run.awake[0], "brings back", ("bring_back",)))
        self.run.do(self.record())
        # Always later than before: who was called by a clock that ran ahead, and forgotten, is asked for by then.
        self.ahead_s += 2 * LOST_SECS
        self.run.do(Step(self.run.awake[0], "looks much later", ("see_to", self.ahead_s), self._looked))

    # -- rest ------------------------------------------------------------------------------------------------------

    def settle(self) -> None:
        for _ in range(2):
            self.begun_again()
        self.run.do(self.record())
        for page in self.chosen:
            self._letter(page)
        super().settle()

    # -- verdict ---------------------------------------------------------------------------------------------------

    def compare_appointments(self) -> None:
        """A1 to A4, when all that was due is done."""
        self.begun_again()
        self.begun_again()
        self.compare_callbacks()
        self.run.do(Step(self.run.awake[0], "looks", ("see_to", 0), self._looked))
        state, rows = self.run.check(), self.recorded()
        found: list[str] = []
        states: dict[str, str] = rows["appointments"]  # type: ignore[assignment]
        events: list[tuple[str, str, str]] = rows["events"]  # type: ignore[assignment]
        missed: list[str] = rows["missed"]  # type: ignore[assignment]
        for cid, now in states.items():
            kinds = {kind for conversation, kind, _entry in events if conversation == cid}
            found += self._judged(cid, now, kinds, state, missed)
        if sorted(rows["booked"]) != sorted(rows["fairness"]):  # type: ignore[call-overload]
            found.append(f"{rows['booked']} went before others, the fairness log says {rows['fairness']}")
        if found:
            raise Violation("\n".join(found))

    def _judged(self, cid: str, now: str, kinds: set[str], state: reader.State, missed: list[str]) -> list[str]:
        status = state.records.get(cid, {}).get("status")
        there = "joined" in kinds or "restored" in kinds or status is not None
        if cid in self.returned:
            return [f"{cid} was given back and is {now}, {kinds}"] if now != "cancelled" or there else []
        if cid in self.too_late:
            wrong = now != "missed" or there or cid not in missed
            return [f"the time of {cid} was long gone, and it is {now}, {kinds}"] if wrong else []
        if cid not in self.come:
            return [f"the time of {cid} has not come, and it is {now}, {kinds}"] if now != "booked" or there else []
        if "joined" in kinds and "callback:called" not in kinds:
            return [f"{cid} waits since its time has come, and was not called: {sorted(kinds)}"]
        good = {
            "called": status in ("waiting", "active"),
            "met": "claimed" in kinds,
            "missed": cid in missed and "ended" in kinds,
            "cancelled": status != "waiting" and ("ended" in kinds or cid not in kinds),
        }
        return [] if good.get(now) else [f"the time of {cid} has come: it is {now}, {status} and {sorted(kinds)}"]

    def _owned(self, missed: list[str]) -> list[str]:
        """Nobody waited of those whose time was long gone."""
        return super()._owned([cid for cid in missed if cid not in self.too_late])
