/**
 * The sign-in page without page loads: the same two forms, sent as JSON. Without this module they are posted plainly.
 */

import { pageId } from "./core/random.js";

const RESEND_SECS = 30;

/** @template {HTMLElement} T @param {string} id @returns {T} */
const element = (id) => /** @type {T} */ (document.getElementById(id));

/** @type {HTMLFormElement} */
const ask = element("ask");
/** @type {HTMLFormElement} */
const answer = element("answer");
/** @type {HTMLInputElement} */
const adminId = element("admin-id");
/** @type {HTMLInputElement} */
const code = element("code");
/** @type {HTMLButtonElement} */
const again = element("again");
const alertBox = element("login-alert");
const texts = element("login-texts").dataset;
const digits = Number(answer.dataset.digits);

/** The last answer that was sent by itself; typing on must not send the same one twice. */
let tried = "";
let busy = false;
/** @type {number | undefined} */
let countdown;

/** @param {string} text @param {'bad' | 'info'} [tone] */
function say(text, tone = "bad") {
  alertBox.textContent = text;
  alertBox.dataset.tone = tone;
  alertBox.hidden = !text;
}

/** @param {HTMLInputElement} input @param {boolean} invalid */
function mark(input, invalid) {
  input.toggleAttribute("aria-invalid", invalid);
  if (invalid) input.setAttribute("aria-invalid", "true");
}

/** @param {HTMLFormElement} form @param {boolean} on */
function setBusy(form, on) {
  busy = on;
  const button = /** @type {HTMLButtonElement} */ (form.querySelector("button[data-busy]"));
  button.dataset.label ??= button.textContent ?? "";
  button.textContent = (on ? button.dataset.busy : button.dataset.label) ?? "";
  // Not `disabled`: that would take the focus away from under the keyboard.
  button.setAttribute("aria-disabled", String(on));
}

/**
 * @param {HTMLFormElement} form whose `data-url` is asked
 * @param {Record<string, string>} body
 * @returns {Promise<{ok: boolean, message: string, retryAfter: number}>}
 */
async function post(form, body) {
  setBusy(form, true);
  try {
    const response = await fetch(form.dataset.url ?? "", {
      method: "POST",
      headers: { "Content-Type": "application/json", Accept: "application/json", "X-Request-ID": pageId },
      credentials: "same-origin",
      body: JSON.stringify(body),
    });
    const content = await response.json();
    const error = content.error ?? {};
    return { ok: response.ok, message: error.message ?? "", retryAfter: error.retry_after ?? 0 };
  } catch {
    return { ok: false, message: texts.network ?? "", retryAfter: 0 };
  } finally {
    setBusy(form, false);
  }
}

/** Keeps "send a new code" quiet for a while. @param {number} secs */
function pauseAgain(secs) {
  window.clearInterval(countdown);
  again.dataset.label ??= again.textContent ?? "";
  let left = Math.ceil(secs);
  const draw = () => {
    again.setAttribute("aria-disabled", String(left > 0));
    again.textContent =
      left > 0 ? (again.dataset.wait ?? "").replace("{secs}", String(left)) : (again.dataset.label ?? "");
    if (left <= 0) window.clearInterval(countdown);
    left -= 1;
  };
  draw();
  countdown = window.setInterval(draw, 1000);
}

/** @param {string} name */
function showAnswer(name) {
  /** @type {HTMLInputElement} */ (answer.elements.namedItem("adminId")).value = name;
  element("who").textContent = name;
  ask.hidden = true;
  answer.hidden = false;
  code.value = "";
  tried = "";
  code.focus();
}

function showAsk() {
  say("");
  answer.hidden = true;
  ask.hidden = false;
  adminId.focus();
  adminId.select();
}

/** @param {HTMLFormElement} form @param {string} name @param {boolean} repeated */
async function requestCode(form, name, repeated) {
  if (busy || !name) return;
  say("");
  const result = await post(form, { adminId: name });
  mark(adminId, false);
  if (!result.ok) {
    say(result.message);
    if (repeated && result.retryAfter) pauseAgain(result.retryAfter);
    if (!repeated) adminId.focus();
    return;
  }
  showAnswer(name);
  pauseAgain(RESEND_SECS);
  if (repeated) say(texts.sent ?? "", "info");
}

async function verifyCode() {
  const typed = code.value.replace(/\s/g, "");
  if (busy || !typed) return;
  tried = typed;
  say("");
  const name = /** @type {HTMLInputElement} */ (answer.elements.namedItem("adminId")).value;
  const result = await post(answer, { adminId: name, code: typed });
  mark(code, !result.ok);
  if (result.ok) {
    setBusy(answer, true);
    window.location.assign(answer.dataset.next ?? "/admin/console/");
    return;
  }
  say(result.message);
  code.focus();
  code.select();
}

ask.addEventListener("submit", (event) => {
  event.preventDefault();
  void requestCode(ask, adminId.value.trim(), false);
});

answer.addEventListener("submit", (event) => {
  event.preventDefault();
  if (/** @type {SubmitEvent} */ (event).submitter !== again) {
    void verifyCode();
  } else if (again.getAttribute("aria-disabled") !== "true") {
    const name = /** @type {HTMLInputElement} */ (answer.elements.namedItem("adminId")).value;
    void requestCode(ask, name, true);
  }
});

code.addEventListener("input", () => {
  mark(code, false);
  const typed = code.value.replace(/\s/g, "");
  // A pasted or filled-in code needs no button; a corrected one waits for it.
  if (typed.length === digits && tried === "") void verifyCode();
});

element("change").addEventListener("click", (event) => {
  event.preventDefault();
  showAsk();
});

// Coming back with the browser's button must not find a dead form.
window.addEventListener("pageshow", () => {
  for (const form of [ask, answer]) setBusy(form, false);
});

if (!answer.hidden) pauseAgain(RESEND_SECS);
