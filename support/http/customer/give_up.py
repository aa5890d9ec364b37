"""The page that a letter leads to whose customer cannot come: it asks, and a POST gives the place up. It works without
a script, and no cookie stands for anybody: what may be given up is what the signed link says.
"""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from accounts.clients import client_of_request
from infra.addresses import counted_as
from infra.redis import rates
from infra.redis.client import execute
from infra.storable import storable
from infra.writing import language
from queueing.callbacks import words
from queueing.history.callback_models import Callback
from queueing.live import callbacks as live
from sites import lookup as sites
from sites.views import colours_url, logo_url

CLIENT = "60/minute"
"""Of one part of the network."""
KEY_MOST = 128


@csrf_exempt
@require_http_methods(["GET", "POST"])
@never_cache
def give_up(request: HttpRequest, conversation: str) -> HttpResponse:
    """Of `?key=`, else 404. Raises DomainError rate_limited; StoreUnavailable."""
    client = counted_as(client_of_request(request).address)
    if wait_ms := execute(rates.count("give-up:client", client, CLIENT)):
        raise rates.refusal(wait_ms, _("Too many requests at once. Please wait a moment."))
    if not words.may_give_up(conversation, storable(request.GET.get("key", ""))[:KEY_MOST]):
        raise Http404
    row = Callback.objects.select_related("conversation").filter(conversation=conversation).first()
    site = sites.find(row.conversation.site if row is not None else "").site
    with translation.override(language.of_page(row.language if row is not None else "") or language.in_force()):
        given_up = request.method == "POST" and bool(execute(live.give_up(conversation)))
        kept = not given_up and bool(live.channel_of(conversation))
        context = {
            "state": "given_up" if given_up else "kept" if kept else "over",
            # For the words of the pages' own catalogue.
            "adminara_config": {"locale": language.in_force()},
            "site": site,
            "logo_url": logo_url(site.logo),
            "colours_url": colours_url(site.colours),
            "address": request.get_full_path(),
            "home": f"/?site={site.key}" if site.key else "/",
        }
        return render(request, "customer/give_up.html", context)
