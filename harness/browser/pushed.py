"""A browser that is told by push. Chromium's own push service is on the internet; all else is real: the worker, what it
is told, what it shows.
"""

from __future__ import annotations

import json
from typing import Any

from playwright.sync_api import BrowserContext, Page

from harness.webdriver.page import awaited

SUBSCRIBED = """
(() => {
  const given = %s;
  let subscribed = false;
  const subscription = (key) => ({
    endpoint: given.endpoint,
    options: { applicationServerKey: key },
    toJSON: () => given,
    unsubscribe: async () => { subscribed = false; return true; },
  });
  const plain = (text) => atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  const bytes = (text) => Uint8Array.from(plain(text), (one) => one.charCodeAt(0));
  let made = null;
  PushManager.prototype.subscribe = async ({ applicationServerKey }) => {
    subscribed = true;
    return (made = subscription(bytes(applicationServerKey).buffer));
  };
  PushManager.prototype.getSubscription = async () => (subscribed ? made : null);
})();
"""
SHOWN = """
async () => {
  const registrations = await navigator.serviceWorker.getRegistrations();
  const lists = await Promise.all(registrations.map((one) => one.getNotifications()));
  return lists.flat().map(({title, body, tag, data}) => ({title, body, tag, url: data?.url}));
}
"""


def subscribe_as(context: BrowserContext, subscription: dict[str, Any]) -> None:
    """Pages of the context hand that one to the server (`FakePush.subscription`)."""
    context.add_init_script(SUBSCRIBED % json.dumps(subscription))


def shown(page: Page) -> list[dict[str, Any]]:
    """What the workers of the page's origin show: title, body, tag, and where a press leads."""
    found: list[dict[str, Any]] = page.evaluate(SHOWN)
    return found


def deliver(page: Page, origin: str, words: dict[str, Any]) -> None:
    """As the browser hands a message of its push service to the worker, whatever page of its origin is open."""
    session = page.context.new_cdp_session(page)
    registrations: list[str] = []
    session.on(
        "ServiceWorker.workerRegistrationUpdated",
        lambda told: registrations.extend(one["registrationId"] for one in told["registrations"]),
    )
    session.send("ServiceWorker.enable")
    awaited(lambda: page.wait_for_timeout(50) is None and registrations, "the worker's registration")
    session.send(
        "ServiceWorker.deliverPushMessage",
        {"origin": origin, "registrationId": registrations[-1], "data": json.dumps(words)},
    )
