"""The steps of browsers: joining, leaving, losing the socket and coming back. Each draws its details from the seed."""

from __future__ import annotations

from typing import Any

from tests.properties.fleet import Process
from tests.properties.pages import Page, Socket, Violation
from tests.properties.run import Run, Step

REFUSED = ("full", "crowded", "maintenance", "disabled")


class Moves:
    lines: tuple[str, ...] = ()
    """Lines that customers join, the default one too, and operators serve; without any, all is of the default."""
    by_token = False
    """Customers come back through the service with their token, not straight through the script."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.random = run.random
        self.zombies: list[tuple[Page, Socket]] = []

    # -- who -------------------------------------------------------------------------------------------------------

    def customers(self, *phases: str) -> list[Page]:
        return [page for page in self.run.pages if page.side == "c" and page.phase in phases]

    def operators(self) -> list[Page]:
        return [page for page in self.run.pages if page.side == "o"]

    def online(self, pages: list[Page]) -> list[Page]:
        return [page for page in pages if page.socket is not None and not page.attaching]

    def pick(self, pages: list[Page]) -> Page | None:
        return self.random.choice(pages) if pages else None

    def process(self) -> Process:
        return self.random.choice(self.run.awake)

    # -- common ----------------------------------------------------------------------------------------------------

    def fenced(self, page: Page, socket: Socket, step: Step, kind: str, value: Any) -> bool:
        """Judges what a write of `socket` was answered; True when it still speaks for the page."""
        if socket.party != page.party:
            return False  # the page has begun another conversation since
        refusal = value if kind == "error" and value in ("replaced", "lapsed") else None
        if page.socket is not None and page.socket.conn != socket.conn:
            # A newer socket speaks; unless that one's process was given up since, and nobody does.
            if step.since >= page.attached_at and refusal is None:
                raise Violation(f"{socket.conn} was replaced by {page.socket.conn} and was answered {kind} {value}")
            return False
        if refusal is not None and page.socket is not None:
            holder = self.run.fleet.raw.hget("{property}:conn", page.party)
            if holder == socket.conn:
                raise Violation(f"{socket.conn} holds {page.party} and was told {refusal}")
            if refusal == "replaced" and not page.attaching and page.certain and not self.run.may_redraw:
                raise Violation(f"{socket.conn} was told that it was replaced, by {holder}, which never came")
            self.run.lost(page)
            page.socket = None
        return kind == "ok"

    def write(self, page: Page, label: str, *request: Any) -> Step:
        """A request of the page's socket whose answer changes nothing on the page."""
        socket = page.socket
        assert socket is not None

        def done(step: Step, kind: str, value: Any) -> None:
            self.fenced(page, socket, step, kind, value)

        return Step(socket.process, f"{page.name} {label}", ("command", *request), done)

    # -- join ------------------------------------------------------------------------------------------------------

    def join(self) -> Step:
        number = self.run.number()
        page = Page(f"c{number}", "c", mobile=self.random.random() < 0.3)
        if self.random.random() < 0.5:
            page.join_key = f"key-{number:016d}"
        self.run.pages.append(page)
        return self.join_of(page, f"cid{number}")

    def rejoin(self) -> Step | None:
        """The answer to a join was lost, or the button was pressed twice."""
        found = [page for page in self.customers("new", "waiting", "active") if page.join_key and not page.attaching]
        page = self.pick(found)
        if page is None:
            return None
        self.retire(page)
        return self.join_of(page, f"cid{self.run.number()}")

    def join_of(self, page: Page, cid: str) -> Step:
        socket = self.run.socket(self.process())
        record: dict[str, Any] = {"id": cid, "name": page.name, "media": "video", "mobile": page.mobile}
        number = int(cid.removeprefix("cid"))
        record["places"] = [f"near{number % 3}", f"around{number % 2}", "far"][: 1 + number % 5]
        if page.join_key:
            record["join_key"] = page.join_key
        if line := self.random.choice(self.lines or ("",)):
            record |= {"line": line, "line_name": line.title(), "wrap_up": self.random.choice((0, 3000))}
        if self.lines and self.random.random() < 0.3:
            record["priority"] = self.random.randint(1, 3)
        if self.random.random() < 0.1:
            record["ticket"] = "1"  # as if a client could choose its place
        before, known = self.run.virtual(), page.cid
        page.attaching = True

        def done(_step: Step, kind: str, value: Any) -> None:
            page.attaching = False
            if kind == "error":
                if value not in REFUSED:
                    raise Violation(f"join answered {value}")
                self.run.pages.remove(page)
                return
            reply, page.token = value
            another = known is not None and reply.conversation != known and not self.run.forgetful
            if another and known not in self.run.over and not self.run.has_ended(known):
                raise Violation(f"{page.join_key} gave {known} and then {reply.conversation}")
            page.sent = [line for line in page.sent if line.cid == reply.conversation]
            page.joined(reply)
            self.run.joined.add(reply.conversation)
            self.connected(page, socket, before)

        def unknown() -> None:
            page.attaching, page.certain = False, False
            if not page.join_key:
                self.run.pages.remove(page)

        return Step(socket.process, f"{page.name} joins {page.join_key}", ("join", socket.conn, record), done, unknown)

    # -- sockets ---------------------------------------------------------------------------------------------------

    def retire(self, page: Page) -> None:
        """A newer socket is coming; the older one may still try to write."""
        if page.socket is not None:
            self.zombies.append((page, page.socket))
            page.socket = None

    def connected(self, page: Page, socket: Socket, before: float) -> None:
        page.socket = socket
        socket.party = page.party
        page.attached_at = self.run.clock
        if page.side == "c" and page.cid is not None:
            self.run.came(page.cid, before)

    def reconnect(self, page: Page | None = None, kind: str = "") -> Step | None:
        if page is None:
            offline = [p for p in self.run.pages if p.socket is None and not p.attaching and p.phase != "new"]
            page = self.pick(offline) if offline and self.random.random() < 0.8 else self.pick(
                [p for p in self.run.pages if not p.attaching and p.phase != "new"]
            )  # fmt: skip
        if page is None:
            return None
        kind = kind or self.random.choices(("exact", "stale", "none", "forged", "beyond"), (60, 15, 15, 5, 5))[0]
        epoch, last_seq = page.epoch, page.last_seq
        if kind == "stale":
            last_seq = self.random.randint(0, last_seq)
        elif kind == "forged" and epoch is not None:
            epoch -= 86_400_000
        elif kind == "beyond":
            last_seq += 1000
        elif kind == "none":
            epoch = None
        self.retire(page)
        return self.attach(page, kind, epoch, last_seq if epoch is not None else None)

    def attach(self, page: Page, kind: str, epoch: int | None, last_seq: int | None) -> Step:
        socket = self.run.socket(self.process())
        before, page.attaching = self.run.virtual(), True
        was_certain = page.certain
        name = page.name.title() if page.side == "o" else ""

        def done(_step: Step, answer: str, value: Any) -> None:
            page.attaching = False
            if answer == "error":
                self.refused(page, value)
                return
            needless = kind == "exact" and was_certain and epoch is not None and not self.run.may_redraw
            needless = needless and not page.flooded
            if needless and not value.resumed and not self.others_asked():
                raise Violation(f"{page.party} came back with {epoch}/{last_seq} and was redrawn")
            page.attached(value, epoch, last_seq)
            self.connected(page, socket, before)

        def unknown() -> None:
            page.attaching, page.certain = False, False

        request: tuple[Any, ...] = ("command", "attach", page.party, socket.conn, epoch, last_seq, name, page.serves)
        if self.by_token and page.side == "c":
            request = ("resume", socket.conn, page.token, epoch, last_seq)
        elif self.by_token:
            # A page that was loaded anew shows nothing yet.
            shown = page.cid if page.phase == "active" and kind != "none" else None
            request = ("take_desk", socket.conn, page.party, name, epoch, last_seq, shown)
        return Step(socket.process, f"{page.name} attaches {kind} {socket.conn}", request, done, unknown)

    def others_asked(self) -> bool:
        """A customer had another operator before: the next one's page may have to draw the chat of then anew."""
        return any(fields["type"] in ("given-back", "transferred") for _id, fields in self.run.read().entries)

    def refused(self, page: Page, code: str) -> None:
        """Only an ended conversation is unknown."""
        if code not in ("unknown", "token_expired") or page.side == "o":
            raise Violation(f"attach answered {code}")
        if page.cid not in self.run.over and not self.run.has_ended(page.cid) and not self.run.forgetful:
            raise Violation(f"{page.party} is not known any more")
        page.phase = "ended"

    def connect_operator(self) -> Step:
        page = Page(f"op{self.run.number()}", "o", phase="idle")
        if self.lines:
            served = self.random.sample(self.lines, self.random.randint(1, len(self.lines)))
            page.serves = " ".join(f"{line}={self.random.randint(1, 3)}" for line in served)
        self.run.pages.append(page)
        return self.attach(page, "first", None, None)

    def lose(self) -> Step | None:
        """The server sees the socket close."""
        page = self.pick(self.online(self.run.pages))
        return None if page is None else self.lose_of(page)

    def lose_of(self, page: Page) -> Step:
        socket, page.socket = page.socket, None
        assert socket is not None
        self.run.lost(page)
        request = ("command", "detach", page.party, socket.conn)
        return Step(socket.process, f"{page.name} is lost", request)

    def vanish(self) -> None:
        """The browser is gone, and the server does not know yet."""
        page = self.pick(self.online(self.run.pages))
        if page is not None:
            self.run.note(f"{page.name} vanishes")
            self.retire(page)

    def zombie(self) -> Step | None:
        """A socket that was replaced writes once more."""
        found = [
            (page, socket)
            for page, socket in self.zombies
            if page.socket and socket.party == page.party and socket.process in self.run.awake
        ]
        if not found:
            return None
        page, socket = self.random.choice(found)
        requests: list[tuple[Any, ...]] = [
            ("relay", page.party, socket.conn, page.cid, 900, "chat:message", b'{"type":"x"}', None),
            ("ack", page.party, socket.conn, page.last_seq),
            ("frames_after", page.party, socket.conn, 0),
            ("signal", page.party, socket.conn, page.cid, b"{}"),
            ("finish", page.party, socket.conn, page.cid or "", "zombie", "customer"),
        ]
        if page.side == "o":
            requests.append(("available", page.name, socket.conn, True))

        def done(step: Step, kind: str, value: Any) -> None:
            self.fenced(page, socket, step, kind, value)

        request = self.random.choice(requests)
        return Step(socket.process, f"zombie {socket.conn} {request[0]}", ("command", *request), done)
