import assert from "node:assert/strict";
import { test } from "node:test";

import type { ConnectorKind } from "../api/connections.ts";
import { groupKinds, needsOf, takesKeys } from "./describe-kind.ts";

function kind(name: string, title: string, category: string, more: Partial<ConnectorKind> = {}): ConnectorKind {
  return { name, title, category, freshness: "seconds", settings_schema: {}, reads: true, webhook: null, mapped: false, ...more };
}

const sql = kind("sql", "SQL database (polling)", "Databases", {
  settings_schema: {
    required: ["kind", "database", "mode"],
    properties: {
      kind: { title: "Kind of database", enum: ["mysql", "sqlite"] },
      database: { title: "Database" },
      mode: { title: "Mode", default: "all" },
    },
  },
});
const stripe = kind("stripe", "Stripe", "Billing", {
  webhook: "Stripe-Signature",
  settings_schema: {
    anyOf: [{ required: ["secret_key"] }, { required: ["webhook_secret"] }],
    properties: { secret_key: { title: "SDK key", writeOnly: true }, webhook_secret: { title: "Webhook secret", writeOnly: true } },
  },
});
const records = kind("records_api", "Records and interactions API", "Events", { reads: false, freshness: "pushed" });
const file = kind("file", "Files (CSV)", "Files", { reads: false });
const all = [records, file, sql, stripe];
const names = (typed: string) => groupKinds(all, typed).map(({ title, kinds }) => [title, ...kinds.map(({ name }) => name)]);

test("kinds stand in groups, what companies run first", () => {
  assert.deepEqual(names(""), [["Billing", "stripe"], ["Databases", "sql"], ["Files", "file"], ["Events", "records_api"]]);
});

test("a kind is found by its name, its group and what its settings know", () => {
  assert.deepEqual(names("Strip"), [["Billing", "stripe"]]);
  assert.deepEqual(names("database"), [["Databases", "sql"]]);
  assert.deepEqual(names("mysql"), [["Has to do with it", "sql"]]);
});

test("a system without a connector is offered the ways in for anything", () => {
  assert.deepEqual(names("frobnicator"), [["For any other system", "records_api", "file"]]);
});

test("each kind says in a line what it needs", () => {
  assert.equal(needsOf(sql), "Needs database");
  assert.equal(needsOf(stripe), "Needs SDK key");
  assert.match(needsOf(records), /a key, which Regard makes/);
  assert.match(needsOf(file), /a file/);
});

test("keys are for systems that send by themselves", () => {
  assert.deepEqual(all.map(takesKeys), [true, false, false, false]);
});
