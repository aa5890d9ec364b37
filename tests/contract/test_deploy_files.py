"""The files in deploy/ fit the code: settings by name, commands as in the Procfile, times that leave room to end."""

from __future__ import annotations

import configparser
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import redis
import yaml

from harness import python
from harness.processes import free_port
from harness.sentinel_process import wait_until
from support.config.schema import BASE_DIR, Config
from support.launcher.redis_server import find_binary
from support.launcher.supervisor import read_procfile

DEPLOY = BASE_DIR / "deploy"
PROCFILE = read_procfile(BASE_DIR / "Procfile")
SERVICES = sorted((DEPLOY / "systemd").glob("*.service"))
SETTINGS = set(Config.model_fields)
PROCESSES = {"adminara-web@": "web", "adminara-worker": "worker", "adminara-beat": "beat", "adminara-bot": "bot"}


def unit(path: Path) -> dict[str, list[str]]:
    """`key` → values of [Service], in order; a key may come several times."""
    found: dict[str, list[str]] = {}
    section = ""
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            section = line.strip("[]")
        elif "=" in line and not line.startswith("#") and section == "Service":
            name, _, value = line.partition("=")
            found.setdefault(name, []).append(value)
    return found


def setting_of(name: str) -> str:
    return name.removesuffix("_FILE") if name.removesuffix("_FILE") in SETTINGS else name


def environment_of(path: Path) -> dict[str, str]:
    pairs = [word for line in unit(path).get("Environment", []) for word in line.split()]
    return dict(pair.split("=", 1) for pair in pairs)


@pytest.mark.parametrize("path", SERVICES, ids=lambda path: path.name)
def test_units_set_only_settings_that_exist(path: Path) -> None:
    environment = environment_of(path)
    assert {setting_of(name) for name in environment} <= SETTINGS
    credentials = {line.split(":")[0] for line in unit(path)["LoadCredential"]}
    files = {value.removeprefix("%d/") for value in environment.values() if value.startswith("%d/")}
    assert credentials == files
    assert credentials <= SETTINGS


@pytest.mark.parametrize(("name", "process"), PROCESSES.items())
def test_units_run_what_the_procfile_runs(name: str, process: str) -> None:
    (command,) = unit(DEPLOY / "systemd" / f"{name}.service")["ExecStart"]
    program, *arguments = command.split()
    assert program.startswith("/srv/adminara/.venv/bin/")
    assert [program.rsplit("/", 1)[1], *arguments] == PROCFILE[process]


def test_every_process_of_the_procfile_has_a_unit() -> None:
    assert set(PROCESSES.values()) == set(PROCFILE)


def test_a_web_process_has_the_time_to_end_that_it_takes() -> None:
    path = DEPLOY / "systemd" / "adminara-web@.service"
    environment = environment_of(path)
    needed = int(environment["DRAIN_SECS"]) + int(environment["SHUTDOWN_SECS"])
    assert int(unit(path)["TimeoutStopSec"][0]) > needed + 5
    (interval,) = re.findall(r"health_interval (\d+)s", (DEPLOY / "caddy" / "Caddyfile").read_text())
    assert int(environment["DRAIN_SECS"]) > int(interval)


def test_the_example_environment_is_known_and_its_target_starts_all() -> None:
    lines = (DEPLOY / "systemd" / "env.example").read_text(encoding="utf-8").splitlines()
    assert {line.split("=")[0] for line in lines if line and not line.startswith("#")} <= SETTINGS
    target = configparser.ConfigParser(interpolation=None)
    target.read(DEPLOY / "systemd" / "adminara.target")
    wanted = {re.sub(r"@\d+", "@", name) for name in target["Unit"]["Wants"].split()}
    assert wanted == {f"{name}.service" for name in PROCESSES if name != "adminara-bot"}


def test_systemd_understands_the_units(tmp_path: Path) -> None:
    program = shutil.which("systemd-analyze")
    if program is None:  # containers have none; the units above are parsed all the same
        assert not Path("/run/systemd/system").exists()
        return
    for path in (DEPLOY / "systemd").iterdir():
        # Only the paths of a real installation are missing here.
        text = re.sub(r"/srv/adminara/\.venv/bin/\w+", "/bin/true", path.read_text(encoding="utf-8"))
        (tmp_path / path.name).write_text(text)
    names = [str(tmp_path / path.name.replace("@.", "@8000.")) for path in SERVICES]
    done = subprocess.run([program, "verify", *names], capture_output=True, text=True, timeout=60, check=False)
    assert [line for line in done.stderr.splitlines() if str(tmp_path) in line or "adminara" in line] == []


# -- containers ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    return dict(yaml.safe_load((DEPLOY / "compose" / "compose.yml").read_text(encoding="utf-8")))


def test_compose_runs_the_processes_of_the_procfile(compose: dict[str, Any]) -> None:
    services = compose["services"]
    names = {"web": ("web-a", "web-b"), "worker": ("worker",), "beat": ("beat",), "bot": ("bot",)}
    assert set(names) == set(PROCFILE)
    for process, containers in names.items():
        for container in containers:
            assert services[container]["command"] == PROCFILE[process]
    assert {"database", "redis", "turn", "proxy", "migrate"} <= set(services)


def test_compose_sets_only_settings_that_exist_and_secrets_that_it_has(compose: dict[str, Any]) -> None:
    for name in ("web-a", "web-b", "worker", "beat", "bot", "migrate"):
        service = compose["services"][name]
        environment = service["environment"]
        assert {setting_of(key) for key in environment} <= SETTINGS
        files = {value.rsplit("/", 1)[1] for key, value in environment.items() if key.endswith("_FILE")}
        assert files == set(service["secrets"])
        assert files <= set(compose["secrets"])


def test_compose_gives_web_processes_time_and_trusts_only_the_proxy(compose: dict[str, Any]) -> None:
    for name in ("web-a", "web-b"):
        environment = compose["services"][name]["environment"]
        grace = int(compose["services"][name]["stop_grace_period"].removesuffix("s"))
        assert grace > int(environment["DRAIN_SECS"]) + int(environment["SHUTDOWN_SECS"]) + 5
        assert environment["TRUSTED_PROXIES"] == compose["services"]["proxy"]["networks"]["inside"]["ipv4_address"]
        assert "ports" not in compose["services"][name]
    upstreams = compose["services"]["proxy"]["environment"]["ADMINARA_UPSTREAMS"].split()
    assert upstreams == ["web-a:8000", "web-b:8000"]


def test_files_that_compose_mounts_are_there(compose: dict[str, Any]) -> None:
    for service in compose["services"].values():
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            if source.startswith("../"):
                assert (DEPLOY / "compose" / source).resolve().is_file(), source
    build = compose["services"]["web-a"]["build"]
    assert (BASE_DIR / build["dockerfile"]).is_file()
    for name in re.findall(r"^COPY (?!--)(.+) \S+$", (BASE_DIR / build["dockerfile"]).read_text(), re.MULTILINE):
        assert all((BASE_DIR / part).exists() for part in name.split()), name


@pytest.fixture(scope="module")
def workflow() -> dict[str, Any]:
    return dict(yaml.safe_load((BASE_DIR / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8")))


def test_the_compose_run_of_every_push_has_settings_that_hold(
    workflow: dict[str, Any], compose: dict[str, Any], tmp_path: Path
) -> None:
    """The step that makes settings and secrets up is run here, and a web process' configuration read with them."""
    steps = workflow["jobs"]["compose"]["steps"]
    (script,) = [step["run"] for step in steps if "secrets" in step.get("run", "")]
    subprocess.run(["bash", "-e", "-c", script], cwd=tmp_path, check=True, timeout=30)
    assert {path.name for path in (tmp_path / "secrets").iterdir()} == set(compose["secrets"])

    chosen = dict(line.split("=", 1) for line in (tmp_path / ".env").read_text().splitlines())
    environment = {
        name: re.sub(r"\$\{(\w+)(?::\?)?\}", lambda found: chosen[found[1]], value).replace(
            "/run/secrets", str(tmp_path / "secrets")
        )
        for name, value in compose["services"]["web-a"]["environment"].items()
    }
    done = python.run(
        ["manage.py", "checkconfig"],
        env={"PATH": os.environ["PATH"], "DATA_DIR": str(tmp_path), **environment},
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_browser_run_of_every_push_names_tests_that_there_are(workflow: dict[str, Any]) -> None:
    run = " ".join(step.get("run", "") for step in workflow["jobs"]["browser"]["steps"])
    named = [word for word in run.split() if word.startswith("tests/")]
    assert len(named) > 4
    assert all((BASE_DIR / name).is_file() for name in named)


# -- what stands beside ----------------------------------------------------------------------------------------------


def test_the_proxy_closes_what_is_for_the_inside() -> None:
    text = (DEPLOY / "caddy" / "Caddyfile").read_text(encoding="utf-8")
    assert re.search(r"@inside path /metrics /health /health/\*\n\trespond @inside 404", text)
    assert "health_uri /health/ready" in text


def test_what_fails_by_its_own_fault_takes_no_process_out() -> None:
    """Caddy counts a body that the service refuses unread as the process' fault."""
    options = re.findall(r"^\s*([a-z_]+) ", (DEPLOY / "caddy" / "Caddyfile").read_text(encoding="utf-8"), re.MULTILINE)
    assert "health_uri" in options
    assert not {"fail_duration", "max_fails", "unhealthy_latency", "unhealthy_status"} & set(options)


def test_turnserver_knows_every_option() -> None:
    told = subprocess.run(["turnserver", "-h"], capture_output=True, text=True, timeout=30, check=False)
    known = set(re.findall(r"--([a-z0-9_-]+)", told.stdout + told.stderr))
    lines = (DEPLOY / "coturn" / "turnserver.conf").read_text(encoding="utf-8").splitlines()
    used = {line.split("=")[0].strip() for line in lines if line and not line.startswith("#")}
    assert used - known == set()
    assert {"use-auth-secret", "static-auth-secret", "denied-peer-ip", "no-multicast-peers"} <= used


def test_redis_starts_with_its_file_and_promises_what_we_need(tmp_path: Path) -> None:
    port = free_port()
    command = [find_binary("/usr/bin:/usr/local/bin"), str(DEPLOY / "redis" / "redis.conf")]
    process = subprocess.Popen([*command, "--port", str(port), "--dir", str(tmp_path)], stdout=subprocess.DEVNULL)
    try:
        connection = redis.Redis(port=port, decode_responses=True, retry=None)
        wait_until(lambda: _answers(connection), "Redis")
        promised = connection.config_get("appendonly", "maxmemory-policy", "appendfsync")
        assert promised == {"appendonly": "yes", "maxmemory-policy": "noeviction", "appendfsync": "everysec"}
        connection.close()
    finally:
        process.terminate()
        process.wait(10)


def _answers(connection: redis.Redis) -> bool:
    try:
        return bool(connection.ping())
    except redis.RedisError:
        return False
