/** What the owner of the sample shop wrote around the widget: the buttons of the page, and a view of its events. */

/** @type {any} */
const site = window;
site.Adminara ||= { q: [] };

/** @param {...any} call  before the loader has come the call waits in its queue */
function ask(...call) {
  if (site.Adminara.q) site.Adminara.q.push(call);
  else site.Adminara[call[0]](...call.slice(1));
}

document.querySelector("#call")?.addEventListener("click", () => ask("startCall", { topic: "Deri çanta" }));
document.querySelector("#open")?.addEventListener("click", () => ask("open"));

const log = /** @type {HTMLElement} */ (document.querySelector("#events"));
for (const name of [
  "ready",
  "opened",
  "closed",
  "status-changed",
  "queue-joined",
  "queue-position",
  "queue-left",
  "call-started",
  "call-ended",
  "message",
  "error",
]) {
  document.addEventListener(`adminara:${name}`, (event) => {
    const line = document.createElement("li");
    line.textContent = `${name} ${JSON.stringify(/** @type {CustomEvent} */ (event).detail)}`;
    log.prepend(line);
    while (log.children.length > 8) log.lastElementChild?.remove();
  });
}
