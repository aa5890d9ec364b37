"""What pages report of a call, for tests: samples, states, device checks; and time that passes without waiting."""

from __future__ import annotations

import json
from typing import Any

from infra.redis.client import client, execute
from infra.redis.scripts import key
from queueing.live import store
from queueing.live.results import Noted
from tests.queueing.world import Customer, Operator, journal

Person = Customer | Operator


def stats(who: Person, **figures: Any) -> Noted:
    return execute(store.report(who.party, who.conn, "call:stats", None, figures))


def state(who: Person, name: str, **more: Any) -> Noted:
    return execute(store.report(who.party, who.conn, "call:state", None, {"state": name, **more}))


def probe(who: Person, **regions: bool) -> Noted:
    """A device check that could or could not reach these regions."""
    turn = [{"region": region, "ok": ok} for region, ok in regions.items()]
    return execute(store.report(who.party, who.conn, "device:check", None, {"turn": turn}))


def told(kind: str) -> list[dict[str, Any]]:
    """The data of this kind of journal entry, in order."""
    return [json.loads(entry["data"]) for entry in journal() if entry["type"] == kind]


def since_last_sample(who: Person, cid: str, ms: int) -> None:
    """As if the party's last kept sample were `ms` older."""
    field = f"{cid}/{who.party[0]}/sample"
    at, rest = str(client().hget(key("media"), field)).split(" ", 1)
    client().hset(key("media"), field, f"{int(at) - ms} {rest}")


def samples_kept(who: Person, cid: str, number: int) -> None:
    """As if so many samples of the party had been kept before."""
    field = f"{cid}/{who.party[0]}/sample"
    at, _n, like = str(client().hget(key("media"), field)).split(" ", 2)
    client().hset(key("media"), field, f"{at} {number} {like}")
