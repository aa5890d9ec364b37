import { csrfToken } from "./csrf.js";
import { isApple, subscribed } from "./push-browser.js";

/**
 * This browser among those that an operator is told by while no page is open (support/http/push.py). It remembers who
 * wanted that: signing out ends it on the server, signing in again takes it up, and nobody else who signs in here is
 * told of anything unasked.
 *
 * @import {Store} from "../core/types.js"
 * @typedef {'on' | 'off' | 'denied' | 'homeScreen' | 'unsupported'} PushState  homeScreen: only as an app on the home
 *   screen (iPhone, iPad)
 * @typedef {{url: string, worker: string, scope: string}} PushPlaces
 */

const TIMEOUT_MS = 8000;
/** Under it: the operator who wants to be told in this browser. */
const OWNER = "push";

export class Push {
  #places;
  #me;
  #kept;
  #fetch;
  /** @type {Promise<ServiceWorkerRegistration | null> | null} */
  #registered = null;

  /** @param {PushPlaces} places @param {{me: string, kept: Pick<Store, "get" | "set" | "remove">}} owner @param {typeof fetch} [fetcher] */
  constructor(places, { me, kept }, fetcher = (...given) => fetch(...given)) {
    this.#places = places;
    this.#me = me;
    this.#kept = kept;
    this.#fetch = fetcher;
  }

  get #isMine() {
    return this.#kept.get(OWNER) === this.#me;
  }

  /** Registers the worker, and tells the server again of a browser that is subscribed: it may have lost it, or its key. */
  async start() {
    const registration = await this.#registration();
    const subscription = await registration?.pushManager?.getSubscription();
    if (!registration || !subscription || !this.#isMine || Notification.permission !== "granted") return;
    try {
      await this.#subscribe(registration);
    } catch {
      // With the next page, then.
    }
  }

  /** @returns {Promise<PushState>} */
  async state() {
    const registration = await this.#registration();
    if (!registration?.pushManager || !("Notification" in window)) return isApple() ? "homeScreen" : "unsupported";
    if (Notification.permission === "denied") return "denied";
    return this.#isMine && (await registration.pushManager.getSubscription()) ? "on" : "off";
  }

  /** On a gesture: the browser asks. @returns {Promise<PushState>} Rejects when the server, or the push service, does not take it. */
  async on() {
    const registration = await this.#registration();
    if (!registration?.pushManager || (await Notification.requestPermission()) !== "granted") return this.state();
    await this.#subscribe(registration);
    this.#kept.set(OWNER, this.#me);
    return this.state();
  }

  /** @returns {Promise<PushState>} Rejects when the browser keeps it. */
  async off() {
    const subscription = await (await this.#registration())?.pushManager?.getSubscription();
    if (subscription) {
      // A server that does not hear of it is told by the push service.
      await this.#ask("DELETE", { endpoint: subscription.endpoint }).catch(() => {});
      await subscription.unsubscribe();
    }
    this.#kept.remove(OWNER);
    return this.state();
  }

  /** @param {ServiceWorkerRegistration} registration */
  async #subscribe(registration) {
    const { key } = await (await this.#ask("GET")).json();
    const subscription = await subscribed(registration, key);
    await this.#ask("POST", subscription.toJSON());
  }

  /** @param {string} method @param {unknown} [body] */
  async #ask(method, body) {
    const headers = { "X-CSRFToken": csrfToken(), "Content-Type": "application/json" };
    const answer = await this.#fetch(this.#places.url, {
      method,
      headers,
      signal: AbortSignal.timeout(TIMEOUT_MS),
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    if (!answer.ok) throw new Error(String(answer.status));
    return answer;
  }

  #registration() {
    this.#registered ??= register(this.#places);
    return this.#registered;
  }
}

/** @param {PushPlaces} places @returns {Promise<ServiceWorkerRegistration | null>} */
async function register({ worker, scope }) {
  try {
    const made = await navigator.serviceWorker.register(worker, { scope });
    return await Promise.race([navigator.serviceWorker.ready, gone(made)]);
  } catch {
    // Forbidden, or no secure page.
    return null;
  }
}

/** A worker that could not be installed never gets ready. @param {ServiceWorkerRegistration} registration @returns {Promise<null>} */
function gone({ installing }) {
  return new Promise((resolve) => {
    installing?.addEventListener("statechange", () => installing.state === "redundant" && resolve(null));
  });
}
