"""The steps of people: shifts, calls, chat; and of the server's delivery."""

from __future__ import annotations

import json
from typing import Any

from tests.properties.fleet import Process
from tests.properties.moves import Moves
from tests.properties.pages import Outgoing, Page, Violation
from tests.properties.run import Step

FLOOD = 1_010
"""A mailbox keeps 1,000."""


class Talk(Moves):
    loss = 0.0
    """Share of published frames that never reach the process (a dropped subscription)."""

    def available(self) -> Step | None:
        page = self.pick(self.online(self.operators()))
        if page is None:
            return None
        page.on_shift = self.random.random() < 0.8
        assert page.socket is not None
        request = ("available", page.name, page.socket.conn, page.on_shift)
        return self.write(page, f"available {page.on_shift}", *request)

    def claim(self) -> Step | None:
        """An operator takes one customer by name."""
        operator, customer = self.pick(self.operators()), self.pick(self.customers("waiting", "active"))
        if operator is None or customer is None:
            return None

        def done(_step: Step, kind: str, value: Any) -> None:
            if kind == "error" and value not in ("taken", "away", "busy", "offline", "recovering"):
                raise Violation(f"claim answered {value}")

        request = ("command", "claim", operator.name, customer.cid)
        return Step(self.process(), f"{operator.name} claims {customer.cid}", request, done)

    def ring(self) -> Step | None:
        """An operator's page says that a match rings or is answered; sometimes of one that is no more."""
        page = self.pick(self.online(self.operators()))
        if page is None or page.socket is None:
            return None
        cid = self.random.choice([page.cid, *page.lines, None])
        socket, word = page.socket, self.random.choice(("ringing", "answered"))

        def done(step: Step, kind: str, value: Any) -> None:
            self.fenced(page, socket, step, kind, value)

        request = ("answer", page.name, socket.conn, cid, word == "answered")
        return Step(socket.process, f"{page.name} says {cid} {word}", request, done)

    def transfer(self) -> Step | None:
        """An operator passes its conversation on: to a colleague, who may be anywhere, or to whoever is free."""
        found = [page for page in self.online(self.operators()) if page.phase == "active"]
        page = self.pick(found)
        if page is None or page.socket is None:
            return None
        socket, cid, number = page.socket, page.cid, page.fresh_id()
        to = self.random.choice(["", *(other.name for other in self.operators())])
        line: dict[str, str] | None = None
        if self.lines and self.random.random() < 0.5:
            to, name = "", self.random.choice(self.lines)
            line = {"line": name, "line_name": name.title()} if name else {}

        def done(step: Step, kind: str, value: Any) -> None:
            if kind == "error" and value in ("transfer_self", "transfer_offline", "line_offline", "transfer_taken"):
                return
            self.fenced(page, socket, step, kind, value)

        request = ("command", "transfer", page.name, socket.conn, cid, number, to, "", line)
        label = f"{page.name} passes {cid} on to {to or 'anybody'} {line}"
        return Step(socket.process, label, request, done)

    def supervise(self) -> Step | None:
        """A supervisor, who may be one of the operators, steps in: sometimes where it has changed meanwhile."""
        page, operators = self.pick(self.customers("waiting", "active")), self.operators()
        if page is None or not operators:
            return None
        act = self.random.choice(("transfer", "transfer", "take", "take", "end", "break"))
        has = next((other.name for other in operators if other.cid == page.cid), "")
        names = [other.name for other in operators]
        operator = has if self.random.random() < 0.8 else self.random.choice(["", *names])
        by, to, cid = self.random.choice(["boss", *names]), self.random.choice(["", *names]), page.cid
        if act == "break":
            cid, operator = "", self.random.choice(names)

        def done(_step: Step, kind: str, value: Any) -> None:
            if kind == "error" and value == "internal":
                raise Violation(f"a supervisor's {act} failed")
            if kind == "ok" and value == "ended" and cid:
                self.run.over.add(cid)

        request = ("supervise", act, by, cid, operator, to)
        return Step(self.process(), f"{by} steps in: {act} {cid} of {operator or 'nobody'} to {to}", request, done)

    def end(self) -> Step | None:
        """Either side ends, or the customer leaves the line."""
        pages = [page for page in self.online(self.run.pages) if page.cid and page.phase in ("waiting", "active")]
        page = self.pick(pages)
        if page is None or page.socket is None or page.cid is None:
            return None
        socket, cid = page.socket, page.cid
        number = page.fresh_id() if self.random.random() < 0.5 else None
        by = "customer" if page.side == "c" else "operator"

        def done(step: Step, kind: str, value: Any) -> None:
            if self.fenced(page, socket, step, kind, value):
                self.run.over.add(cid)

        request = ("command", "finish", page.party, socket.conn, cid, "hangup", by, number)
        return Step(socket.process, f"{page.name} ends {cid} id {number}", request, done)

    def remove(self) -> Step | None:
        page = self.pick(self.customers("waiting", "active"))
        return self.remove_of(page.cid) if page is not None else None

    def remove_of(self, cid: str | None) -> Step:
        def done(_step: Step, kind: str, value: Any) -> None:
            if kind == "ok" and cid and value != "ended":
                self.run.over.add(cid)

        return Step(self.process(), f"ops remove {cid}", ("command", "remove", cid), done)

    def maintenance(self) -> Step:
        word = self.random.choice(("on", "off", "off"))
        return Step(self.process(), f"maintenance {word}", ("command", "maintenance", word))

    def mend(self) -> Step:
        """`queue check --fix` on a sound state finds nothing."""

        def done(_step: Step, kind: str, value: Any) -> None:
            if kind == "ok" and value:
                raise Violation(f"check --fix found {value}")

        return Step(self.process(), "check --fix", ("command", "check", True), done)

    # -- chat ------------------------------------------------------------------------------------------------------

    def say(self) -> Step | None:
        talking = [page for page in self.online(self.run.pages) if page.phase == "active" and page.cid]
        page = self.pick(talking if talking and self.random.random() < 0.9 else self.online(self.run.pages))
        if page is None:
            return None
        mine = [line for line in page.sent if line.cid == page.cid]
        if mine and self.random.random() < 0.2:
            return self.send(page, self.random.choice(mine))
        cid = page.cid
        if page.side == "o" and page.lines and self.random.random() < 0.15:
            cid = self.random.choice(list(page.lines))  # typed for one who is gone
        if cid is None:
            return None
        number = page.fresh_id(gap=self.random.choice((0, 0, 0, 3)), back=self.random.choice((0, 0, 0, 3)))
        line = Outgoing(cid, number, f"{cid} {page.name} {number}")
        return self.send(page, line)

    def send(self, page: Page, line: Outgoing) -> Step:
        socket = page.socket
        assert socket is not None
        was_acked = line.acked
        frame = f'{{"type":"chat:message","id":{line.number},"text":"{line.text}"}}'.encode()

        def done(step: Step, kind: str, value: Any) -> None:
            if self.fenced(page, socket, step, kind, value):
                if was_acked and value == 1 and not self.run.forgetful:
                    raise Violation(f"{line} was stored a second time")
                line.acked = True
            elif kind == "error" and value not in ("replaced", "lapsed"):
                if value not in ("not_in_call", "wrong_conversation"):
                    raise Violation(f"{line} was answered {value}")
                if was_acked and not self.run.forgetful:
                    raise Violation(f"{line} was acknowledged and then refused with {value}")
                if line in page.sent and not was_acked:
                    page.sent.remove(line)

        def begin() -> None:
            if line not in page.sent:
                page.sent.append(line)

        request = ("command", "relay", page.party, socket.conn, line.cid, line.number, "chat:message", frame)
        return Step(socket.process, f"{page.name} says {line.cid} {line.number}", request, done, begin=begin)

    def resend(self, page: Page) -> list[Step]:
        """What a page sends again after it came back: everything of its conversation that was not acknowledged."""
        again = [line for line in page.sent if line.cid == page.cid and (not line.acked or self.run.forgetful)]
        return [self.send(page, line) for line in again] if page.socket and page.phase == "active" else []

    def describe(self) -> Step | None:
        page = self.pick([page for page in self.online(self.run.pages) if page.phase == "active"])
        if page is None or page.socket is None:
            return None
        number = page.fresh_id()
        frame = b'{"type":"rtc:description"}'
        gen = self.random.randint(0, 5)
        request = ("relay", page.party, page.socket.conn, page.cid, number, "rtc:description", frame, gen)
        return self.write(page, f"describes gen {gen}", *request)

    def flood(self) -> Step | None:
        """More frames for the peer than its mailbox keeps: it has to be told, not given a part."""
        page = self.pick([page for page in self.online(self.run.pages) if page.phase == "active"])
        if page is None or page.socket is None:
            return None
        for other in self.run.pages:  # whoever receives it; which one that is only the server knows
            other.flooded = True
        first = max(page.used, default=0) + 1
        page.used.update(range(first, first + FLOOD + 1))
        request = ("flood", page.party, page.socket.conn, page.cid, first, FLOOD)
        return Step(page.socket.process, f"{page.name} floods from {first}", request)

    def ack(self) -> Step | None:
        page = self.pick(self.online(self.run.pages))
        if page is None or page.socket is None:
            return None
        socket, beyond = page.socket, self.random.random() < 0.1
        seq, epoch = (page.last_seq + 1000 if beyond else page.last_seq), page.epoch

        def done(step: Step, kind: str, value: Any) -> None:
            self.fenced(page, socket, step, kind, value)
            if page.socket is socket and page.epoch == epoch and beyond and kind == "ok":
                raise Violation(f"{page.party} acknowledged {seq} and was believed")
            redrawn = self.run.forgetful or (value == "bad_ack" and self.others_asked())
            if not beyond and (kind, value) == ("error", "bad_ack") and not redrawn:
                raise Violation(f"{page.party} acknowledged {seq} of {epoch}, which it got, and was refused")

        request = ("command", "ack", page.party, socket.conn, seq)
        return Step(socket.process, f"{page.name} acks {seq}", request, done)

    def control(self, page: Page, word: dict[str, Any]) -> None:
        """What the process, not the browser, is told: a console that drew an empty desk has to come again."""
        if word["kind"] == "resync":
            self.retire(page)

    # -- delivery --------------------------------------------------------------------------------------------------

    def deliver(self, process: Process | None = None) -> Step:
        """The process hands what was published to its sockets."""
        process = process or self.process()

        def done(_step: Step, kind: str, letters: Any) -> None:
            for letter in letters if kind == "ok" else []:
                party, seq, epoch, cid, meaning, frame = letter.split("\n", 5)
                page = self.run.page_of(party, process)
                if page is None:
                    continue
                if meaning == "x":
                    self.control(page, json.loads(frame))
                elif self.random.random() >= self.loss:
                    page.letter(int(seq), int(epoch), cid, frame)

        return Step(process, "delivers", ("drain",), done)

    def repair(self, page: Page | None = None) -> Step | None:
        """A socket asks for what it has not seen."""
        page = page or self.pick([found for found in self.online(self.run.pages) if found.gap])
        if page is None or page.socket is None:
            return None
        socket, epoch, after = page.socket, page.epoch, page.last_seq

        def done(step: Step, kind: str, value: Any) -> None:
            if self.fenced(page, socket, step, kind, value) and page.socket is socket and page.epoch == epoch:
                page.gap = False
                for seq, cid, frame in value:
                    page.numbered(seq, cid, frame.decode())
            elif (kind, value) == ("error", "resync") and page.socket is socket:
                if not self.run.forgetful and not page.flooded:
                    raise Violation(f"{page.party} asked for what came after {after}, and it is gone")
                self.retire(page)

        request = ("command", "frames_after", page.party, socket.conn, after)
        return Step(socket.process, f"{page.name} repairs after {after}", request, done)
