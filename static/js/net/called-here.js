import { t } from "../core/i18n.js";
import { CallbackRefused } from "./callbacks.js";
import { standing, subscribed } from "./push-browser.js";

/**
 * This browser as one that is told when it is nearly its customer's turn. Its worker has an address of its own, so that
 * no other page of ours is in its hands.
 *
 * @typedef {{key: string, worker: string, scope: string}} PushWays
 */
export class CalledHere {
  #ways;

  /** @param {() => Promise<PushWays>} ways */
  constructor(ways) {
    this.#ways = ways;
  }

  standing() {
    return standing();
  }

  /** On a gesture: the browser asks. @returns {Promise<boolean>} false: not, or not now */
  async allow() {
    return (await Notification.requestPermission()) === "granted";
  }

  /** @returns {Promise<PushSubscriptionJSON>} Rejects with CallbackRefused, also when the browser, or its push service, does not take it. */
  async subscribe() {
    const { key, worker, scope } = await this.#ways();
    try {
      const registration = await navigator.serviceWorker.register(worker, { scope });
      await active(registration);
      return (await subscribed(registration, key)).toJSON();
    } catch {
      // Browsers say why in English, to developers.
      throw new CallbackRefused({ code: "not_here", message: t("customer.callback.notHere") });
    }
  }
}

/** `ready` is of the worker that serves this page, which none does. @param {ServiceWorkerRegistration} registration */
function active(registration) {
  const coming = registration.installing ?? registration.waiting;
  if (registration.active || !coming) return;
  return new Promise((resolve, reject) => {
    const look = () => {
      if (coming.state === "activated") resolve(undefined);
      else if (coming.state === "redundant") reject(new Error("not installed"));
    };
    coming.addEventListener("statechange", look);
    look();
  });
}
