import assert from "node:assert/strict";
import { test } from "node:test";

import type { StreamMapping } from "../api/mappings.ts";
import { moved, pathInItem, useOf } from "./change-mapping.ts";

const orders: StreamMapping = {
  stream: "orders",
  items: [
    { target: "order", id: "id", fields: { title: "name" } },
    { target: "order_line", id: "id", each: "lines", fields: { sku: "sku" } },
    { target: "person", id: "email", fields: { email: ["email", "billing.email"], phone: { path: "phone", as: "lower" } } },
  ],
};

test("a place tells what it becomes, in a list too", () => {
  assert.deepEqual(useOf(orders, "name"), { item: 0, field: "title" });
  assert.deepEqual(useOf(orders, "lines[*].sku"), { item: 1, field: "sku" });
  assert.deepEqual(useOf(orders, "phone"), { item: 2, field: "phone" });
  assert.equal(useOf(orders, "vip"), null);
});

test("inside a list the record's own places begin with $", () => {
  assert.equal(pathInItem("currency", "lines"), "$.currency");
  assert.equal(pathInItem("lines[*].sku", undefined), null);
});

test("a place moves to another field and leaves the old one", () => {
  const then = moved(orders, "name", { item: 2, field: "full_name" }, false);
  assert.deepEqual(then.items[0]?.fields, {});
  assert.equal(then.items[2]?.fields?.full_name, "name");
});

test("a field that holds several gains a place", () => {
  const then = moved(orders, "other", { item: 2, field: "email" }, true);
  assert.deepEqual(then.items[2]?.fields?.email, ["email", "billing.email", "other"]);
});

test("a place that becomes nothing is only taken away where it stood", () => {
  const then = moved(orders, "billing.email", null, false);
  assert.equal(then.items[2]?.fields?.email, "email");
  assert.deepEqual(then.items[1], orders.items[1]);
});
