import assert from "node:assert/strict";
import { test } from "node:test";

import { fetchAgenda } from "../../static/js/net/desk/agenda.js";
import { shortDay } from "../../static/js/ui/console/idle/agenda-view.js";
import "./texts.js";

const NOW = Date.parse("2026-11-28T12:00:00");

test("a time of today names no day, another one does", () => {
  assert.equal(shortDay("2026-11-28T23:30:00", NOW), "");
  assert.match(shortDay("2026-11-29T00:15:00", NOW), /29/);
});

test("nobody answering is no error, and without an address nobody is asked", async () => {
  const asked = async () => assert.fail("asked");
  assert.equal(await fetchAgenda(undefined, asked), null);
  assert.equal(await fetchAgenda("/a/", async () => Promise.reject(new TypeError("out"))), null);
  assert.equal(await fetchAgenda("/a/", async () => new Response("", { status: 401 })), null);
  assert.deepEqual(await fetchAgenda("/a/", async () => Response.json({ appointments: [] })), []);
});
