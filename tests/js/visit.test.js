import assert from "node:assert/strict";
import { test } from "node:test";
import { visitOf } from "../../static/js/app/customer/host/visit.js";

const ZONE = Intl.DateTimeFormat().resolvedOptions().timeZone;
const PAGE = {
  page: "https://shop.example/a?token=s3cret#part",
  title: "Kasa? #1",
  referrer: "https://search.example/?q=gizli",
};

test("a page is told without what stands after its address", () => {
  assert.deepEqual(visitOf(PAGE), {
    page: "https://shop.example/a",
    title: "Kasa? #1",
    referrer: "https://search.example/",
    time_zone: ZONE,
  });
});

test("where it is wanted the query is told too", () => {
  assert.equal(visitOf(PAGE, true).referrer, PAGE.referrer);
  assert.equal(visitOf(PAGE, false).page, "https://shop.example/a");
});

test("whatever a host page says, what goes out can be read by every server", () => {
  for (const page of [
    null,
    {},
    /** @type {any} */ (7),
    /** @type {any} */ ("page"),
    { page: 5, title: null, referrer: {} },
  ])
    assert.deepEqual(visitOf(page), { time_zone: ZONE });
  const { page, title } = visitOf({ page: "x".repeat(1e6), title: "😀".repeat(500) });
  assert.equal(page.length, 500);
  assert.equal([...title].length, 160);
  assert.ok(title.isWellFormed());
});
