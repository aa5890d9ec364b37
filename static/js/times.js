/** The page of a chosen time: its customer may be reminded in this browser, too. Without this module they read e-mail. */

import { CalledHere } from "./net/called-here.js";
import { offer } from "./ui/customer/times-device.js";

const TIMEOUT_MS = 8000;

const offered = document.querySelector("[data-device]");
if (offered instanceof HTMLElement) begin(offered);

/** @param {HTMLElement} section */
function begin(section) {
  const { key = "", worker = "", scope = "", address = "" } = section.dataset;
  const press = offer(section, new CalledHere(async () => ({ key, worker, scope })), (subscription) =>
    keep(address, subscription),
  );
  for (const button of section.querySelectorAll("button")) {
    button.addEventListener("click", async () => {
      button.disabled = true;
      await press?.(button.closest("[data-when]")?.getAttribute("data-when") === "off");
      button.disabled = false;
    });
  }
}

/** @param {string} address @param {PushSubscriptionJSON | null} subscription */
async function keep(address, subscription) {
  const told = { endpoint: subscription?.endpoint ?? "", ...subscription?.keys };
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  const answer = await fetch(address, { method: "POST", body: new URLSearchParams(told), signal });
  if (!answer.ok) throw new Error(`answered ${answer.status}`);
}
