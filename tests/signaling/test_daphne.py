"""The same wire under daphne (WEB_SERVER=daphne), beside a process under uvicorn."""

from __future__ import annotations

import contextlib
import json

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests.signaling.processes import Fleet, Returning

pytestmark = pytest.mark.xdist_group("fleet")


async def test_a_conversation_between_the_two_servers(fleet: Fleet) -> None:
    daphne, uvicorn = fleet.webs["daphne"], fleet.webs["b"]
    operator = await uvicorn.operator(fleet.session())
    customer = await daphne.customer()
    page = Returning(customer, await customer.join("Ada"))
    await operator.send("operator:available", available=True)
    await customer.expect("queue:ready")
    for number in range(1, 51):
        await page.say(f"c{number}")
        await operator.send("chat:message", id=number, text=f"o{number}")
    await operator.expect("chat:message", text="c50")
    await customer.expect("chat:message", text="o50")
    assert [frame["text"] for frame in customer.came("chat:message")] == [f"o{number}" for number in range(1, 51)]
    assert (await page.resume(daphne))["resumed"] is True
    assert await customer.closed() == 4409
    await page.say("from the newer socket")
    await operator.expect("chat:message", text="from the newer socket")
    await operator.send("call:end", id=51)
    await page.peer.expect("call:ended", by="operator")


async def test_a_console_under_daphne(fleet: Fleet) -> None:
    daphne = fleet.webs["daphne"]
    operator = await daphne.operator(fleet.session())
    await operator.expect("resync")
    await operator.expect("operator:state")
    await operator.expect("board")
    nobody = await daphne.open("operator")
    assert (await nobody.hello())["authenticated"] is False
    await nobody.send("admin:session:verify", token="forged")
    await nobody.expect("admin:session:invalid")
    assert await nobody.closed() == 4401


@pytest.mark.parametrize("origin", ["https://evil.example", "https://localhost.evil.io", "null"])
async def test_a_wrong_origin(fleet: Fleet, origin: str) -> None:
    with pytest.raises(InvalidStatus) as refused:
        await fleet.webs["daphne"].open("customer", origin=origin)
    assert refused.value.response.status_code == 403


async def test_bad_frames_end_nobody_elses_socket(fleet: Fleet) -> None:
    daphne = fleet.webs["daphne"]
    other, customer = await daphne.customer(), await daphne.customer()
    for text, code in (("{", "bad_json"), ('{"type":"x"}', "unknown_type"), ("[" * 40 + "]" * 40, "too_deep")):
        await customer.raw(text)
        await customer.error(code)
    await customer.raw(b"\x00")
    await customer.error("bad_json")
    await customer.raw(json.dumps({"type": "ping"}).ljust(64 * 1024 + 1))
    await customer.error("frame_too_large")
    assert await customer.closed() == 4413
    huge = await daphne.customer()
    with contextlib.suppress(ConnectionClosed):
        await huge.raw("x" * 1024 * 1024)
    assert await huge.closed() in (1009, 1006)
    broken = await daphne.customer()
    broken.socket.transport.write(b"\x81\x82\x00\x00\x00\x00\xff\xfe")  # text that is no UTF-8
    assert await broken.closed() in (1007, 1006)
    await other.alive()


async def test_a_bad_first_frame(fleet: Fleet) -> None:
    customer = await fleet.webs["daphne"].open("customer")
    await customer.send("queue:join", name="Ada", media="chat")
    await customer.error("hello_first")
    assert await customer.closed() == 4400


async def test_redis_out_is_told_before_the_close(fleet: Fleet) -> None:
    customer = await fleet.webs["daphne"].customer()
    page = Returning(customer, await customer.join("Ada"))
    fleet.redis.kill()
    assert (await customer.error("store_unavailable"))["retry_after"] > 0
    assert await customer.closed() == 4503
    fleet.redis.start()
    await page.come_back(fleet.webs["daphne"])
    assert (await page.peer.expect("resync"))["state"]["phase"] == "waiting"
