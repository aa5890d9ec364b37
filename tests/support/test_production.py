"""Production as it is deployed: behind a proxy that ends TLS, hashed static files, strict cookies and headers."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urljoin

import httpx
import pytest

from harness.processes import Running, free_port, manage

pytestmark = pytest.mark.xdist_group("production")

TOKEN = "mEtr1cs-t0ken-Zq2Lw9xT4vB7n"
HOST = "support.example.com"


@pytest.fixture(scope="module")
def prepared(deployed: dict[str, str]) -> dict[str, str]:
    """The same with an operator, for either server."""
    settings = {
        **deployed,
        "REDIS_NAMESPACE": "production",
        "TRUSTED_PROXIES": "127.0.0.1",
        "METRICS_TOKEN": TOKEN,
        "ALLOWED_METRICS_ORIGINS": "https://grafana.example.com",
    }
    done = manage("createoperator", "ayse", "--name", "Ayşe", **settings)
    assert done.returncode == 0, done.stderr
    return settings


@pytest.fixture(scope="module", params=["uvicorn", "daphne"])
def site(request: pytest.FixtureRequest, prepared: dict[str, str]) -> Iterator[httpx.Client]:
    """A client that speaks as the trusted proxy does."""
    port = free_port()
    settings = {
        **prepared,
        "REDIS_NAMESPACE": f"production-{request.param}",
        "PORT": str(port),
        "WEB_SERVER": request.param,
    }
    headers = {"Host": HOST, "X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.9"}
    with Running("-m", "support.web", "--announce", **settings) as web:
        web.await_line(lambda line: line.startswith("ready "), 60)
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", headers=headers, timeout=10) as client:
            client.extensions = {"settings": settings}  # type: ignore[attr-defined]
            yield client


def test_check_deploy_is_clean(site: httpx.Client, tmp_path: Path) -> None:
    done = manage("check", "--deploy", "--fail-level", "WARNING", **site.extensions["settings"])  # type: ignore[attr-defined]
    assert done.returncode == 0, done.stderr


def test_the_page_comes_with_strict_headers(site: httpx.Client) -> None:
    page = site.get("/")
    assert page.status_code == 200
    assert page.headers["Strict-Transport-Security"].startswith("max-age=31536000")
    policy = page.headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert f"wss://{HOST}" in policy
    assert "frame-ancestors 'none'" in policy
    assert "server" not in page.headers


def test_the_widget_is_framable_by_the_listed_sites_alone(site: httpx.Client) -> None:
    policy = site.get("/widget/").headers["Content-Security-Policy"]
    ancestors = re.search(r"frame-ancestors ([^;]*)", policy)
    assert ancestors
    assert set(ancestors[1].split()) == {"'self'", "https://www.example.com", "https://shop.example.com"}


def test_modules_are_hashed_down_to_their_imports(site: httpx.Client) -> None:
    parts = re.findall(r"<script[^>]*nonce[^>]*>", site.get("/").text)
    todo = re.findall(r'="(/static/js/[^"]+)"', " ".join(parts))
    assert todo
    console = site.get("/static/staticfiles.json").json()["paths"]["js/console.js"]
    todo.append(f"/static/{console}")
    seen: set[str] = set()
    while todo:
        address = todo.pop()
        if address in seen:
            continue
        seen.add(address)
        assert re.search(r"\.[0-9a-f]{12}\.js$", address), address
        module = site.get(address)
        assert module.status_code == 200, address
        assert "immutable" in module.headers["Cache-Control"]
        todo += [
            urljoin(address, path)
            for path in re.findall(r'^(?:import|export)\b[^;"]*"([./][^"]+)";', module.text, re.MULTILINE)
        ]
    assert len(seen) > 5


def test_plain_http_is_sent_to_https(site: httpx.Client) -> None:
    answer = site.get("/", headers={"X-Forwarded-Proto": "http"})
    assert answer.status_code == 301
    assert answer.headers["Location"] == f"https://{HOST}/"


def test_another_host_name_is_refused(site: httpx.Client) -> None:
    assert site.get("/", headers={"Host": "evil.example"}).status_code == 400


def test_probes_need_neither_host_name_nor_tls(site: httpx.Client) -> None:
    answer = site.get("/health/live", headers={"Host": "10.0.0.7:8000", "X-Forwarded-Proto": "http"})
    assert answer.status_code == 200


def test_there_is_no_demo(site: httpx.Client) -> None:
    assert site.get("/demo/").status_code == 404


def test_metrics_need_the_token(site: httpx.Client) -> None:
    assert site.get("/metrics").status_code == 403
    assert site.get("/metrics", headers={"Origin": "https://grafana.example.com"}).status_code == 403
    assert site.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).status_code == 200


def test_cors_is_exact(site: httpx.Client) -> None:
    allowed = site.get("/embed.js", headers={"Origin": "https://www.example.com"})
    assert allowed.headers["Access-Control-Allow-Origin"] == "https://www.example.com"
    for origin in ("https://www.example.com.evil.io", "http://www.example.com", "null"):
        assert "Access-Control-Allow-Origin" not in site.get("/embed.js", headers={"Origin": origin}).headers
    admin = site.get("/admin/login/", headers={"Origin": "https://www.example.com"})
    assert "Access-Control-Allow-Origin" not in admin.headers


def test_the_session_cookie_is_bound_to_the_host(site: httpx.Client) -> None:
    code = manage("otp", "ayse", **site.extensions["settings"]).stdout.splitlines()[-1]  # type: ignore[attr-defined]
    answer = site.post(
        "/admin/otp/verify",
        content=json.dumps({"adminId": "ayse", "code": code}),
        headers={"Content-Type": "application/json", "Origin": f"https://{HOST}"},
    )
    assert answer.status_code == 200, answer.text
    cookie = next(value for value in answer.headers.get_list("set-cookie") if "adminSession" in value)
    assert cookie.startswith("__Host-adminSession=")
    attributes = {part.strip().lower() for part in cookie.split(";")[1:]}
    assert {"httponly", "secure", "samesite=strict", "path=/"} <= attributes
    assert not any(part.startswith("domain") for part in attributes)
