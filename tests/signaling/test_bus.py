"""The bus against a real Redis that restarts, freezes, forgets scripts and drops connections."""

import asyncio
import datetime
import os
import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
import redis
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.conf import settings

from harness.processes import free_port
from harness.redis_process import RedisProcess
from infra.errors import DomainError, ScriptFailed, StoreUnavailable
from infra.redis import bus as bus_module
from infra.redis.bus import Bus
from infra.redis.client import key
from infra.redis.scripts import Command, LuaScript, load
from support.launcher.redis_server import find_binary


@pytest.fixture
def script(tmp_path: Path) -> LuaScript:
    """Echoes its argument; `fail` refuses, `count` counts, `slow` keeps Redis busy."""
    path = tmp_path / "echo.lua"
    path.write_text(
        "-- keys: counter\n"
        "if ARGV[1] == 'fail' then return redis.error_reply('ADM nope') end\n"
        "if ARGV[1] == 'broken' then return redis.call('HGET', KEYS[1]) end\n"
        "if ARGV[1] == 'count' then return redis.call('INCR', KEYS[1]) end\n"
        "return ARGV[1]\n"
    )
    return load(path)


def echo(script: LuaScript, *words: str | bytes | int) -> Command[Any]:
    return Command(script, words, lambda reply: reply)


@pytest.fixture
async def bus(redis_server: str) -> AsyncIterator[Bus]:
    bus = Bus()
    await bus.wait_up()
    yield bus
    await bus.close()


async def until(event: asyncio.Event) -> None:
    await asyncio.wait_for(event.wait(), 15)


async def publish(channel: str, payload: bytes) -> int:
    def send() -> int:
        with redis.Redis.from_url(settings.REDIS_URL) as connection:
            return int(connection.publish(key(channel), payload))

    return await asyncio.to_thread(send)


async def test_runs_a_script_that_redis_has_never_seen(bus: Bus, script: LuaScript) -> None:
    assert await bus.execute(echo(script, "ü")) == "ü".encode()
    assert await bus.execute(echo(script, b"\x00\r\n")) == b"\x00\r\n"
    assert await bus.execute(echo(script, 7)) == b"7"


async def test_runs_a_script_that_redis_forgot(bus: Bus, script: LuaScript) -> None:
    await bus.execute(echo(script, "count"))
    with redis.Redis.from_url(settings.REDIS_URL) as connection:
        connection.script_flush()
    assert await bus.execute(echo(script, "count")) == 2


async def test_thousands_of_pipelined_calls_answer_each_their_own(bus: Bus, script: LuaScript) -> None:
    replies = await asyncio.gather(*(bus.execute(echo(script, number)) for number in range(5_000)))
    assert replies == [b"%d" % number for number in range(5_000)]


async def test_a_refusal_is_a_domain_error_and_a_fault_of_a_script_is_ours(bus: Bus, script: LuaScript) -> None:
    with pytest.raises(DomainError) as refused:
        await bus.execute(echo(script, "fail"))
    assert refused.value.code == "nope"
    with pytest.raises(ScriptFailed):
        await bus.execute(echo(script, "broken"))
    assert await bus.execute(echo(script, "still here")) == b"still here"


async def test_a_cancelled_caller_does_not_shift_the_replies(bus: Bus, script: LuaScript) -> None:
    await bus.execute(echo(script, "warm"))
    first = asyncio.ensure_future(bus.execute(echo(script, "first")))
    await asyncio.sleep(0)
    first.cancel()
    assert await bus.execute(echo(script, "second")) == b"second"


async def test_more_in_flight_than_allowed_fails_fast(
    bus: Bus, script: LuaScript, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bus_module, "MAX_IN_FLIGHT", 10)
    results = await asyncio.gather(*(bus.execute(echo(script, number)) for number in range(30)), return_exceptions=True)
    assert [type(result) for result in results[10:]] == [StoreUnavailable] * 20
    assert await bus.execute(echo(script, "again")) == b"again"


async def test_a_restart_fails_what_waits_and_comes_back_by_itself(
    bus: Bus, script: LuaScript, redis_process: RedisProcess
) -> None:
    down, up = asyncio.Event(), asyncio.Event()
    bus.on_down(down.set)
    bus.on_up(up.set)
    up.clear()
    await asyncio.to_thread(redis_process.kill)
    await until(down)
    assert not bus.is_up
    began = asyncio.get_running_loop().time()
    with pytest.raises(StoreUnavailable):
        await bus.execute(echo(script, "x"))
    assert asyncio.get_running_loop().time() - began < 0.05
    await asyncio.to_thread(redis_process.start)
    await until(up)
    assert await bus.execute(echo(script, "x")) == b"x"


async def test_every_new_connection_boots_first(bus: Bus, redis_process: RedisProcess, script: LuaScript) -> None:
    def incarnation() -> int:
        with redis.Redis.from_url(settings.REDIS_URL) as connection:
            return int(connection.hget(key("meta"), "incarnation") or 0)

    assert incarnation() == 1
    down, up = asyncio.Event(), asyncio.Event()
    bus.on_down(down.set)
    await asyncio.to_thread(redis_process.kill)
    await until(down)
    bus.on_up(up.set)
    await asyncio.to_thread(redis_process.start)
    await until(up)
    # Empty again, so this is the first boot of the new server.
    assert incarnation() == 1


async def test_a_frozen_redis_is_given_up_after_the_reply_timeout(
    bus: Bus, script: LuaScript, redis_process: RedisProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bus_module, "REPLY_TIMEOUT", 0.6)
    down, up = asyncio.Event(), asyncio.Event()
    bus.on_down(down.set)
    await bus.execute(echo(script, "warm"))
    redis_process.pause()
    began = asyncio.get_running_loop().time()
    results = await asyncio.gather(*(bus.execute(echo(script, n)) for n in range(20)), return_exceptions=True)
    assert {type(result) for result in results} == {StoreUnavailable}
    assert 0.5 < asyncio.get_running_loop().time() - began < 3
    await until(down)
    bus.on_up(up.set)
    redis_process.resume()
    await until(up)
    assert await bus.execute(echo(script, "thawed")) == b"thawed"


async def test_a_subscription_survives_a_reconnect_and_says_so(bus: Bus, redis_process: RedisProcess) -> None:
    heard: asyncio.Queue[bytes] = asyncio.Queue()
    gap = asyncio.Event()
    bus.subscribe(key("news"), heard.put_nowait)
    bus.on_gap(gap.set)
    await bus.subscribed()
    assert await publish("news", b"a \r\n\x00 b") == 1
    assert await asyncio.wait_for(heard.get(), 5) == b"a \r\n\x00 b"
    with redis.Redis.from_url(settings.REDIS_URL) as connection:
        connection.client_kill_filter(_type="pubsub")
    await until(gap)
    assert bus.is_up  # commands went on
    assert await publish("news", b"after") == 1
    assert await asyncio.wait_for(heard.get(), 5) == b"after"


async def test_a_handler_that_fails_does_not_stop_the_others(bus: Bus) -> None:
    heard: asyncio.Queue[bytes] = asyncio.Queue()

    def fails(payload: bytes) -> None:
        raise ValueError(payload)

    bus.subscribe(key("bad"), fails)
    bus.subscribe(key("good"), heard.put_nowait)
    await bus.subscribed()
    assert await publish("bad", b"1") == await publish("good", b"2") == 1
    assert await asyncio.wait_for(heard.get(), 5) == b"2"


async def test_password_and_database_of_the_url(redis_process: RedisProcess, script: LuaScript, settings: Any) -> None:
    with redis.Redis.from_url(settings.REDIS_URL) as connection:
        connection.acl_setuser(
            "bus", enabled=True, passwords=["+s p"], categories=["+@all"], keys=["*"], channels=["*"]
        )
    path = redis_process.socket
    for url in (f"unix://bus:s%20p@{path}?db=3",):
        settings.REDIS_URL = url
        bus = Bus()
        try:
            await bus.wait_up()
            assert await bus.execute(echo(script, "count")) == 1
        finally:
            await bus.close()
    with redis.Redis(unix_socket_path=str(path), db=3) as connection:
        assert connection.get(key("counter")) == b"1"


async def test_a_wrong_password_is_not_up_and_not_logged(
    redis_process: RedisProcess, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    settings.REDIS_URL = f"unix://nobody:hidden-word@{redis_process.socket}"
    bus = Bus()
    try:
        with pytest.raises(StoreUnavailable):
            await bus.wait_up(0.5)
    finally:
        await bus.close()
    assert "refused" in caplog.text
    assert "hidden-word" not in caplog.text


async def test_closing_fails_what_waits(redis_server: str, script: LuaScript) -> None:
    bus = Bus()
    await bus.wait_up()
    waiting = asyncio.ensure_future(bus.execute(echo(script, "x")))
    await asyncio.sleep(0)
    await bus.close()
    assert isinstance((await asyncio.gather(waiting, return_exceptions=True))[0], StoreUnavailable | bytes)
    with pytest.raises(StoreUnavailable):
        await bus.execute(echo(script, "x"))


@pytest.fixture
def tls_redis(tmp_path: Path) -> Iterator[tuple[int, Path]]:
    """A redis-server that speaks TLS only, on (port), with a certificate of its own (path) for localhost."""
    key_path, certificate_path = self_signed(tmp_path)
    port = free_port()
    command = [
        find_binary(os.environ["PATH"]), "--port", "0", "--tls-port", str(port), "--bind", "127.0.0.1",
        "--tls-cert-file", str(certificate_path), "--tls-key-file", str(key_path), "--tls-auth-clients", "no",
        "--tls-ca-cert-file", str(certificate_path), "--save", "", "--dir", str(tmp_path),
    ]  # fmt: skip
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    for line in process.stdout:
        if "Ready to accept connections" in line:
            break
    else:
        pytest.fail("this redis-server was built without TLS; run .ci/packages for Debian's")
    yield port, certificate_path
    process.terminate()
    process.wait(10)


def self_signed(folder: Path) -> tuple[Path, Path]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    key_path, certificate_path = folder / "key.pem", folder / "certificate.pem"
    encoding, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    key_path.write_bytes(key.private_bytes(encoding, serialization.PrivateFormat.PKCS8, plain))
    certificate_path.write_bytes(certificate.public_bytes(encoding))
    return key_path, certificate_path


async def test_tls_verifies_the_certificate(tls_redis: tuple[int, Path], script: LuaScript, settings: Any) -> None:
    port, certificate = tls_redis
    settings.REDIS_URL = f"rediss://localhost:{port}/0?ssl_ca_certs={certificate}"
    bus = Bus()
    await bus.wait_up()
    assert await bus.execute(echo(script, "over TLS")) == b"over TLS"
    await bus.close()
    for query, trusted in (("", False), ("?ssl_cert_reqs=none", True)):
        settings.REDIS_URL = f"rediss://localhost:{port}/0{query}"
        bus = Bus()
        try:
            await bus.wait_up(1.0)
            assert trusted
        except StoreUnavailable:
            assert not trusted
        finally:
            await bus.close()


async def test_what_is_gathered_leaves_with_the_commands_of_its_turn(bus: Bus, script: LuaScript) -> None:
    await bus.execute(echo(script, "warm"))
    said: list[Any] = []
    bus.before_leaving(lambda: bus.run(echo(script, "gathered"), said.append))
    bus.run(echo(script, "sent"), said.append)
    assert said == []
    assert await bus.execute(echo(script, "last")) == b"last"
    await bus.execute(echo(script, "next turn"))
    assert said == [b"sent", b"gathered"]


async def test_who_gathers_is_called_also_without_a_connection(bus: Bus, redis_process: RedisProcess) -> None:
    down, called = asyncio.Event(), asyncio.Event()
    bus.on_down(down.set)
    await asyncio.to_thread(redis_process.kill)
    await until(down)
    bus.before_leaving(called.set)
    assert not called.is_set()
    await until(called)
