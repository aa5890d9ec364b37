"""The ASGI application: HTTP to Django, `/ws/*` to signaling, and this process' start and end."""

from typing import Any

from channels.routing import ProtocolTypeRouter, URLRouter
from django.core.asgi import get_asgi_application

from support.config.environment import point_django_at_settings

point_django_at_settings()
django_application = get_asgi_application()

# Only after Django is set up: these import models.
from django.conf import settings  # noqa: E402
from django.db import connections  # noqa: E402

from infra.redis import push  # noqa: E402
from signaling.hub.hub import close_hub, open_hub  # noqa: E402
from signaling.routing import websocket_urlpatterns  # noqa: E402
from support.http.clients.proxies import EncryptedOnly, TrustedProxies  # noqa: E402
from support.server.body_limit import BodyLimit  # noqa: E402
from support.server.uploads import Uploads  # noqa: E402

WEB_LOCK_SECS = 2.0
"""How long a request waits for SQLite's lock: somebody is waiting for the answer, and a 503 can be tried again."""
if connections["default"].vendor == "sqlite":
    connections["default"].settings_dict["OPTIONS"]["timeout"] = WEB_LOCK_SECS


async def lifespan(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Servers with a lifespan (uvicorn) get the push receiver at start; under daphne it starts with the
    first socket.
    """
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            await push.ensure_receiver()
            await open_hub()
            await send({"type": "lifespan.startup.complete"})
        elif message["type"] == "lifespan.shutdown":
            await close_hub()
            await push.close_receiver()
            await send({"type": "lifespan.shutdown.complete"})
            return


application = TrustedProxies(
    ProtocolTypeRouter(
        {
            "http": Uploads(BodyLimit(django_application), django_application),
            # Origins are checked by the endpoints: each of the two sockets has a rule of its own.
            "websocket": EncryptedOnly(URLRouter(websocket_urlpatterns), required=settings.SECURE_SSL_REDIRECT),
            "lifespan": lifespan,
        }
    ),
    settings.TRUSTED_PROXIES,
    settings.PROXY_HEADER,
)
