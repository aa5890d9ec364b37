"""Vault's KV version 2 and AWS Parameter Store, as far as we ask them: real HTTP on loopback, with faults on demand."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import urlsplit

from harness.loopback import LoopbackServer

PAGE = 2


class FakeStore:
    """Base of both. `faults` are (status, body) that are answered first, one a request; `hits` counts requests."""

    def __init__(self) -> None:
        self.values: dict[str, Any] = {}
        self.faults: list[tuple[int, dict[str, Any]]] = []
        self.hits = 0
        store = self

        class Handler(BaseHTTPRequestHandler):
            def _serve(self) -> None:
                store.hits += 1
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                if store.faults:
                    status, answer = store.faults.pop(0)
                else:
                    status, answer = store.answer(self.command, self.path, dict(self.headers.items()), body)
                data = json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            do_GET = do_POST = _serve

            def log_message(self, *_: Any) -> None:
                pass

        self._server = LoopbackServer(Handler)

    @property
    def url(self) -> str:
        return self._server.origin

    def __enter__(self) -> FakeStore:
        self._server.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.stop()

    def answer(self, method: str, path: str, headers: dict[str, str], body: bytes) -> tuple[int, dict[str, Any]]:
        raise NotImplementedError


class FakeVault(FakeStore):
    """One KV version 2 secret at secret/adminara."""

    token = "hvs.the-only-token-that-opens-it"
    namespace = ""

    def answer(self, method: str, path: str, headers: dict[str, str], body: bytes) -> tuple[int, dict[str, Any]]:
        lowered = {name.lower(): value for name, value in headers.items()}
        if lowered.get("x-vault-token") != self.token or lowered.get("x-vault-namespace", "") != self.namespace:
            return 403, {"errors": ["permission denied"]}
        if (method, path) != ("GET", "/v1/secret/data/adminara"):
            return 404, {"errors": []}
        return 200, {"data": {"data": self.values, "metadata": {"version": 3}}}


class FakeParameterStore(FakeStore):
    """GetParametersByPath in pages of two. The signature is checked by the rules of its documentation."""

    key_id, secret, region = "AKIDOFTHETESTS", "the/secret+key", "eu-central-1"

    def answer(self, method: str, path: str, headers: dict[str, str], body: bytes) -> tuple[int, dict[str, Any]]:
        lowered = {name.lower(): value for name, value in headers.items()}
        if lowered.get("authorization") != self._expected(method, path, lowered, body):
            return 400, {"__type": "com.amazon.coral#InvalidSignatureException", "message": f"not {self.secret}"}
        if lowered.get("x-amz-target") != "AmazonSSM.GetParametersByPath":
            return 400, {"__type": "UnknownOperationException"}
        asked = json.loads(body)
        prefix = asked["Path"].rstrip("/") + "/"
        names = sorted(name for name in self.values if name.startswith(prefix))
        start = int(asked.get("NextToken") or 0)
        page = names[start : start + PAGE]
        answer: dict[str, Any] = {"Parameters": [{"Name": name, "Value": self.values[name]} for name in page]}
        if start + PAGE < len(names):
            answer["NextToken"] = str(start + PAGE)
        return 200, answer

    def _expected(self, method: str, path: str, headers: dict[str, str], body: bytes) -> str:
        found = re.search(r"SignedHeaders=([^,]*)", headers.get("authorization", ""))
        names = found[1].split(";") if found else []
        lines = "".join(f"{name}:{headers.get(name, '').strip()}\n" for name in names)
        digest = hashlib.sha256(body).hexdigest()
        request = f"{method}\n{urlsplit(path).path}\n\n{lines}\n{';'.join(names)}\n{digest}"
        stamp = headers.get("x-amz-date", "")
        scope = f"{stamp[:8]}/{self.region}/ssm/aws4_request"
        text = f"AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{hashlib.sha256(request.encode()).hexdigest()}"
        key = f"AWS4{self.secret}".encode()
        for part in scope.split("/"):
            key = hmac.digest(key, part.encode(), "sha256")
        signature = hmac.digest(key, text.encode(), "sha256").hex()
        signed = ";".join(names)
        return f"AWS4-HMAC-SHA256 Credential={self.key_id}/{scope}, SignedHeaders={signed}, Signature={signature}"
