import assert from "node:assert/strict";
import { test } from "node:test";

import type { ConnectorKind, SettingSchema } from "../api/connections.ts";
import { arranged } from "./arrange-settings.ts";

function kind(properties: Record<string, SettingSchema>, more: Partial<ConnectorKind["settings_schema"]>): ConnectorKind {
  return { name: "x", title: "X", category: "Shop", freshness: "seconds", settings_schema: { properties, ...more }, reads: true, webhook: null, mapped: false };
}

const names = (entries: [string, SettingSchema][]) => entries.map(([name]) => name);

test("what is needed comes first, what is tuned can be opened", () => {
  const sql = kind(
    { host: { default: "localhost" }, port: { type: "integer" }, timeout: { type: "integer", default: 60 }, streams: { type: "array" }, batch: {} },
    { required: ["streams"] },
  );
  const { first, more } = arranged(sql, []);
  assert.deepEqual(names(first), ["host", "port", "streams"]);
  assert.deepEqual(names(more), ["timeout", "batch"]);
});

test("of two ways in the first is shown, and every secret but a replaced one", () => {
  const shop = kind(
    { token: { writeOnly: true }, since: {}, webhook_secret: { writeOnly: true }, webhook_secret_before: { writeOnly: true } },
    { anyOf: [{ required: ["token"] }, { required: ["webhook_secret"] }] },
  );
  assert.deepEqual(names(arranged(shop, []).first), ["token", "webhook_secret"]);
});

test("what was filled in is not hidden", () => {
  assert.deepEqual(names(arranged(kind({ user: {}, since: {} }, { required: ["user"] }), ["since"]).first), ["user", "since"]);
});
