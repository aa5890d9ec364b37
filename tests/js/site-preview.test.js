import assert from "node:assert/strict";
import { test } from "node:test";
import { CustomerApp } from "../../static/js/app/customer/customer-app.js";
import { PretendedSession } from "../../static/js/app/site-preview/pretended-session.js";
import { memoryStore } from "../../static/js/core/storage.js";
import { colourOf } from "../../static/js/ui/site-form/colour-input.js";

const FORM = { name: "", topic: "", media: /** @type {const} */ ("chat") };
const settled = async () => {
  for (let turn = 0; turn < 5; turn++) await null;
};

test("a preview waits and ends without a server", async () => {
  const app = new CustomerApp({
    session: /** @type {any} */ (new PretendedSession()),
    storage: memoryStore(),
    archive: async () => assert.fail("nothing is asked for"),
    createCall: () => assert.fail("nobody is called"),
    acquire: async () => assert.fail("no device is opened"),
    release: () => {},
    isHidden: () => false,
    isOnline: () => true,
  });
  app.start();
  assert.equal(app.state.screen, "welcome");
  app.join(FORM);
  await settled();
  assert.equal(app.state.screen, "waiting");
  assert.equal(app.state.position, 2);
  app.leave();
  await settled();
  assert.equal(app.state.screen, "ended");
  app.rejoin();
  await settled();
  assert.equal(app.state.screen, "waiting");
  app.home();
  assert.equal(app.state.screen, "welcome");
});

test("a colour is read as people write it", () => {
  assert.equal(colourOf(" 0E5F57 "), "#0e5f57");
  assert.equal(colourOf("#fc0"), "#ffcc00");
  for (const none of ["", "#", "red", "#ff", "#ffcc0g", "#ffcc001"]) assert.equal(colourOf(none), null, none);
});
