import assert from "node:assert/strict";
import { test } from "node:test";

import type { ConnectionState, ConnectorKind, Health, StreamState } from "../api/connections.ts";
import type { Source } from "../api/sources.ts";
import { type Facts, nextSteps } from "./next-steps.ts";

const source: Source = {
  slug: "shop", title: "Shop", connector: "sql", country: null, accepted: 0, duplicate: 0, rejected: 0,
  last_received_at: "2026-11-01T00:00:00Z", last_occurred_at: null, last_hour: 0, lag_seconds: null, quarantined: 0, quarantined_in_imports: 0,
};
const kind: ConnectorKind = {
  name: "sql", title: "SQL", category: "Databases", freshness: "seconds", settings_schema: {}, reads: true, webhook: null, mapped: false,
};
const connection: ConnectionState = {
  source: "shop", connector: "sql", settings: {}, secrets: [], enabled: true, shown: true, time_zone: "UTC",
  freshness_seconds: null, changed_at: "2026-11-01T00:00:00Z", changed_by: "kim", checked_at: null, error: null,
};
const health: Health = { source: "shop", title: "Shop", state: "well", sentence: "Last news.", since: null, budget_seconds: null, retry_at: null, shown: true, warnings: [] };
const stream: StreamState = {
  stream: "guests", title: "Guests", poll_seconds: 5, read_at: null, new_at: null, accepted: 3, records: 3, quarantined: 0,
  reading_everything_since: null, mapping: { number: 1, shipped: false, saved_at: "" }, waiting_for_mapping: 0, error: null,
};
const well: Facts = { source, kind, connection, health, streams: [stream], drift: [] };
const acts = (facts: Partial<Facts>) => nextSteps({ ...well, ...facts }).map(({ act }) => act?.to);

test("a source that works asks for nothing", () => {
  assert.deepEqual(nextSteps(well), []);
});

test("what fails comes before what is missing", () => {
  const steps = nextSteps({ ...well, health: { ...health, state: "failing", sentence: "It refuses." }, streams: [{ ...stream, mapping: null }] });
  assert.deepEqual(steps.map(({ tone }) => tone), ["danger", "warn"]);
  assert.equal(steps[0]?.text, "It refuses.");
});

test("each kind of source says what it needs first", () => {
  const sends = { ...kind, reads: false };
  assert.deepEqual(acts({ connection: { ...connection, changed_at: null } }), ["connection"]);
  assert.deepEqual(acts({ kind: sends, source: { ...source, last_received_at: null } }), ["keys"]);
  assert.deepEqual(acts({ kind: { ...sends, name: "file" }, source: { ...source, last_received_at: null } }), ["imports"]);
});

test("records that wait are mapped or taken as they are, and told once", () => {
  const held = { places: ["phone"], since: "", records: 3, detail: "Field “phone” vanished." };
  const steps = nextSteps({ ...well, health: { ...health, state: "failing", sentence: held.detail }, streams: [{ ...stream, held }] });
  assert.deepEqual(steps.map(({ act }) => act?.to), ["mapping", "go-on"]);
});

test("what means nothing yet, lies in quarantine or is hidden is said", () => {
  const facts = { streams: [{ ...stream, mapping: null }], source: { ...source, quarantined: 2 }, connection: { ...connection, shown: false } };
  assert.deepEqual(acts(facts), ["mapping", "quarantine", "connection"]);
});
