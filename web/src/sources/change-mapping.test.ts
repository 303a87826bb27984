import assert from "node:assert/strict";
import { test } from "node:test";

import type { StreamMapping } from "../api/mappings.ts";
import { chosen, cleared, leftOut, moved, ofStream, pathInItem, placeText, retargeted, useOf, usesOf } from "./change-mapping.ts";

const orders: StreamMapping = {
  stream: "orders",
  items: [
    { target: "order", id: "id", party: { stream: "customers", id: "customer_id" }, occurred_at: "placed", fields: { title: "name" } },
    { target: "order_line", id: "id", each: "lines", fields: { sku: "sku" } },
    { target: "person", id: "email", fields: { email: ["email", "billing.email"], phone: { path: "phone", as: "lower" } } },
  ],
};

test("a place tells what it becomes, in a list too", () => {
  assert.deepEqual(useOf(orders, "name"), { item: 0, field: "title" });
  assert.deepEqual(useOf(orders, "lines[*].sku"), { item: 1, field: "sku" });
  assert.deepEqual(useOf(orders, "phone"), { item: 2, field: "phone" });
  assert.deepEqual(useOf(orders, "customer_id"), { item: 0, role: "party" });
  assert.deepEqual(usesOf(orders, "email"), [{ item: 2, field: "email" }, { item: 2, role: "id" }]);
  assert.equal(useOf(orders, "vip"), null);
});

test("inside a list the record's own places begin with $", () => {
  assert.equal(pathInItem("currency", "lines"), "$.currency");
  assert.equal(pathInItem("lines[*].sku", undefined), null);
});

test("a place moves to another field and leaves the old one", () => {
  const then = moved(orders, "name", { item: 2, field: "full_name" }).mapping;
  assert.deepEqual(then.items[0]?.fields, {});
  assert.equal(then.items[2]?.fields?.full_name, "name");
});

test("a field that holds several gains a place", () => {
  const { mapping, displaced } = moved(orders, "other", { item: 2, field: "email" }, true);
  assert.deepEqual(mapping.items[2]?.fields?.email, ["email", "billing.email", "other"]);
  assert.deepEqual(displaced, []);
});

test("what had a single field before is named, and can be read beside the new place", () => {
  const { mapping, displaced, both } = moved(orders, "label", { item: 0, field: "title" });
  assert.equal(mapping.items[0]?.fields?.title, "label");
  assert.deepEqual(displaced, ["name"]);
  assert.deepEqual(both?.items[0]?.fields?.title, ["label", "name"]);
});

test("id, party and time are chosen like fields", () => {
  const party = moved(orders, "buyer", { item: 0, role: "party" });
  assert.deepEqual(party.mapping.items[0]?.party, [{ stream: "customers", id: "buyer" }]);
  assert.deepEqual(party.displaced, ["customer_id"]);
  assert.equal(chosen(orders, "paid", { item: 0, role: "occurred_at" }).mapping.items[0]?.occurred_at, "paid");
  assert.equal(cleared(orders, { item: 0, role: "id" }).items[0]?.id, "#id");
  assert.deepEqual(cleared(orders, { item: 0, role: "party" }).items[0]?.party, []);
  assert.deepEqual(ofStream(orders, 0, "people").items[0]?.party, [{ id: "customer_id", stream: "people" }]);
  assert.equal(moved(orders, "name", { item: 1, role: "id" }).mapping.items[1]?.id, "$.name");
});

test("nobody misses the record's own id when another one is chosen", () => {
  const own = cleared(orders, { item: 0, role: "id" });
  assert.deepEqual(chosen(own, "order_no", { item: 0, role: "id" }).displaced, []);
});

test("a place that becomes nothing is only taken away where it stood", () => {
  const { mapping } = moved(orders, "billing.email", null);
  assert.equal(mapping.items[2]?.fields?.email, "email");
  assert.deepEqual(mapping.items[1], orders.items[1]);
});

test("a place that is left out is read by nothing, until it is chosen again", () => {
  const then = leftOut(orders, "email");
  assert.deepEqual(usesOf(then, "email"), []);
  assert.deepEqual(then.skip, ["email"]);
  assert.deepEqual(moved(then, "email", { item: 2, field: "email" }).mapping.skip, []);
});

test("an item that becomes something else keeps the fields that this has too", () => {
  const then = retargeted(orders, 0, "person", ["title"], true).items[0];
  assert.deepEqual(then, { target: "person", id: "id", fields: { title: "name" } });
});

test("a longer place is told in words", () => {
  assert.equal(placeText(["a", { path: ["b", "c"] }]), "a, or b or c");
  assert.equal(placeText({ template: "{first} {last}" }), "{first} {last}");
  assert.equal(placeText("#id"), "its own id");
});
