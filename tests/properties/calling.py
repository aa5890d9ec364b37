"""Customers who leave to be called when it is nearly their turn: they ask, go, are called, come back, or are missed."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

from tests.properties import reader
from tests.properties.fleet import TIMES
from tests.properties.outage import Outage
from tests.properties.pages import Violation
from tests.properties.reader import PREFIX
from tests.properties.run import Run, Step

REFUSED = ("not_waiting", "callbacks_full")


class Calling(Outage):
    def __init__(self, run: Run) -> None:
        super().__init__(run)
        self.tokens: dict[str, str] = {}
        """Start token → conversation, of the links that pages have shown."""
        self.used: set[str] = set()
        """Those that were answered: an outage in between leaves a link to the chat that brought it."""

    def ask(self) -> Step | None:
        """Any process takes the request: it comes without a socket."""
        page = self.pick(self.customers("waiting"))
        if page is None or page.cid is None:
            return None
        number = int(page.cid.removeprefix("cid"))

        def done(_step: Step, kind: str, value: Any) -> None:
            if kind == "error" and value not in REFUSED:
                raise Violation(f"{page.cid} asked to be called and was answered {value}")

        request = ("call_back", page.cid, [f"m:{number % 4}", "s:"])
        return Step(self.process(), f"{page.name} asks to be called", request, done)

    def start_link(self) -> Step | None:
        """A page shows a link into the bot's chat; an older one of it is void."""
        page = self.pick(self.customers("waiting"))
        if page is None or page.cid is None:
            return None
        cid, number = page.cid, int(page.name.removeprefix("c"))

        def done(_step: Step, kind: str, value: Any) -> None:
            if kind == "ok":
                self.tokens[value] = cid

        return Step(
            self.process(), f"{page.name} is shown a link", ("start_link", cid, [f"m:{number % 4}", "s:"]), done
        )

    def hear_start(self) -> None:
        """Start is pressed in one chat, or with the same link in two at once; in the first process, or another."""
        token = self.random.choice(list(self.tokens)) if self.tokens else None
        if token is None:
            return
        outcomes: list[str] = []

        def done(_step: Step, kind: str, value: Any) -> None:
            if kind == "ok":
                outcomes.append(value)

        chats = self.random.sample(range(1, 4), self.random.choice((1, 1, 2)))
        fresh = token not in self.used
        self.run.do(
            *(
                Step(process, f"start of {self.tokens[token]} is heard in {chat}", ("hear_start", token, chat), done)
                for process, chat in zip(self.random.sample(self.run.awake, len(self.run.awake)), chats, strict=False)
            )
        )
        good = [outcome for outcome in outcomes if outcome != "old"]
        if good:
            self.used.add(token)
        if len(good) > fresh:
            raise Violation(f"a link for {self.tokens[token]} was good for {outcomes}, fresh: {fresh}")

    def give_up(self) -> Step | None:
        """A button of the bot is pressed: of one who waits, or who did."""
        page = self.pick([page for page in self.run.pages if page.side == "c" and page.cid is not None])
        if page is None or page.cid is None:
            return None
        cid = page.cid

        def done(_step: Step, kind: str, value: Any) -> None:
            if kind == "ok" and value:
                self.run.over.add(cid)

        chat = self.random.randrange(1, 4)
        return Step(self.process(), f"{cid} is given up from {chat}", ("give_up", cid, chat), done)

    def take_back(self) -> Step | None:
        page = self.pick(self.customers("waiting"))
        if page is None or page.cid is None:
            return None
        # Without a page open it has a grace from now on.
        return Step(self.process(), f"{page.name} waits on the page", ("wait_here", page.cid))

    def hold_over(self) -> None:
        """Whoever was called has had long enough to come."""
        state = self.run.read()
        held = sorted(cid for cid, due in state.callback.items() if 0 < due < reader.CALLED)
        if not held or not self._hold_counts():
            return
        self.run.note(f"the holds of {held} are over")
        self.run.fleet.raw.zadd(f"{PREFIX}callback", dict.fromkeys(held, 1), xx=True)
        self.run.do(*(self.tick(process) for process in self.run.awake))

    def _hold_counts(self) -> bool:
        """Nobody could come while Redis, or all processes, were out."""
        seconds, _micros = self.run.fleet.raw.time()
        reachable_ms = float(self.run.fleet.raw.hget(f"{PREFIX}meta", "reachable_at") or 0)
        return bool(seconds * 1000 > reachable_ms + TIMES["CALLBACK_HOLD_SECS"] * 1000)

    def wipe(self) -> None:
        """What is recorded as open comes back without its page, in its old place."""
        worker = self.run.awake[0]
        self.drained(worker)
        state = self.run.read()
        expected = {cid: state.line[cid] for cid in state.callback}
        super().wipe()
        self.run.do(*(self.tick(process) for process in self.run.awake))
        self.forgotten()
        kind, value = worker.call("bring_back")
        if kind != "ok":
            raise Violation(f"bringing back answered {kind} {value}")
        back = self.run.read()
        for cid, ticket in expected.items():
            if back.line.get(cid) != ticket or cid not in back.callback:
                raise Violation(f"{cid} was to be called from {ticket}, after a wipe it is at {back.line.get(cid)}")

    def forgotten(self) -> None:
        """What happens before the worker brings anybody back."""

    def forget_all(self) -> None:
        """Who is to be called stays for hours: they take it back first."""
        for cid in self.run.read().callback:
            self.run.do(Step(self.run.awake[0], f"{cid} takes it back", ("wait_here", cid)))
        super().forget_all()

    def compare_callbacks(self) -> None:
        """C4, C5. One confirmation for each time that somebody asked and one letter for each call at most; whoever was
        missed is somebody's work, once."""
        self.compare_live_records()
        rows = self.recorded()
        letters: list[str] = rows["letters"]  # type: ignore[assignment]
        kept: list[str] = rows["kept"]  # type: ignore[assignment]
        missed: list[str] = rows["missed"]  # type: ignore[assignment]
        found = [f"{name} twice" for name in {name for name in letters if letters.count(name) > 1}]
        found += [f"{name} twice" for name in {name for name in kept if kept.count(name) > 1}]
        calls = {
            f"callback:{fields['conversation']}:{json.loads(fields['data'])['call']}"
            for _id, fields in self.run.read().entries
            if fields["type"] == "callback:called"
        }
        if not self.run.may_redraw:
            found += [f"{name} was written, and nobody was called" for name in set(letters) - calls]
            found += self._confirmed(kept)
            found += self._owned(missed)
        if len(set(missed)) != len(missed):
            found.append(f"missed and made work of twice: {missed}")
        if found:
            raise Violation("\n".join(found))

    def _confirmed(self, kept: list[str]) -> list[str]:
        """Nobody reads that a place is kept who has not asked for it."""
        asked = Counter(
            fields["conversation"] for _id, fields in self.run.read().entries if fields["type"] == "callback:asked"
        )
        told = Counter(name.split(":")[1] for name in kept)
        return [f"{cid} has asked {asked[cid]} times and read it {told[cid]} times" for cid in told - asked]

    def _owned(self, missed: list[str]) -> list[str]:
        """Every wait with a callback that nobody ended is a message, and no other is."""
        open_ones: set[str] = set()
        expected: set[str] = set()
        for _id, fields in self.run.read().entries:
            cid, kind = fields["conversation"], fields["type"]
            if kind == "callback:asked":
                open_ones.add(cid)
            elif kind in ("callback:cancelled", "claimed"):
                open_ones.discard(cid)
            elif kind == "ended" and cid in open_ones:
                open_ones.discard(cid)
                data = json.loads(fields["data"])
                if data["by"] == "system" or data["reason"] == "repaired":
                    expected.add(cid)
        return [f"messages of {sorted(missed)}, expected {sorted(expected)}"] if set(missed) != expected else []
