// Sends an event for each number of its input with an unmodified client: node send.mjs CLIENT KEY ADDRESS BATCH
// Ends with 0 once the client says that it is done, with 1 when it says that it gave something up.
import { createInterface } from "node:readline";
import { setTimeout as pause } from "node:timers/promises";
import { Analytics } from "@segment/analytics-node";
import RudderAnalytics from "@rudderstack/rudder-sdk-node";
import { PostHog } from "posthog-node";

const [client, key, address, batch] = process.argv.slice(2);
const BATCH = Number(batch);
const SOON = 50;
const failures = [];

async function sendNumbered(send) {
  for await (const line of createInterface({ input: process.stdin })) {
    const number = Number(line);
    send(`u${number % 7}`, number);
  }
}

async function deliverBySegment() {
  const analytics = new Analytics({
    writeKey: key, host: address, flushAt: BATCH, flushInterval: SOON, maxRetries: 30, httpRequestTimeout: 60_000,
  });
  analytics.on("error", (error) => failures.push(error));
  analytics.identify({ userId: "u1", traits: { email: "ann@example.com" } });
  analytics.alias({ userId: "u1", previousId: "anon1" });
  await sendNumbered((userId, number) => analytics.track({ userId, event: "Seen", properties: { number } }));
  await analytics.closeAndFlush();
}

async function deliverByRudder() {
  const analytics = new RudderAnalytics(key, {
    dataPlaneUrl: address, flushAt: BATCH, flushInterval: SOON, logLevel: "silent",
    // By itself it waits twice as long after each try: longer than the trouble has lasted until then.
    retryCount: 1_000, axiosRetryConfig: { retryDelay: () => 300 },
    errorHandler: (error) => failures.push(error),
  });
  let open = 0;
  const finished = () => { open -= 1; };
  open += 2;
  analytics.identify({ userId: "u1", traits: { email: "ann@example.com" } }, finished);
  analytics.alias({ userId: "u1", previousId: "anon1" }, finished);
  await sendNumbered((userId, number) => {
    open += 1;
    analytics.track({ userId, event: "Seen", properties: { number } }, finished);
  });
  // It sends one batch for each time that it is asked or given something; the last ones must be asked for.
  while (open > 0) {
    await analytics.flush().catch(() => {});
    await pause(SOON);
  }
}

async function deliverByPosthog() {
  const posthog = new PostHog(key, {
    host: address, flushAt: BATCH, flushInterval: SOON, fetchRetryCount: 60, fetchRetryDelay: 300,
  });
  posthog.on("error", (error) => failures.push(error));
  posthog.identify({ distinctId: "u1", properties: { email: "ann@example.com" } });
  posthog.alias({ distinctId: "u1", alias: "anon1" });
  await sendNumbered((distinctId, number) =>
    posthog.capture({ distinctId, event: "Seen", properties: { number } }));
  await posthog.shutdown(60_000);
}

const deliver = { segment: deliverBySegment, rudderstack: deliverByRudder, posthog: deliverByPosthog }[client];
await deliver();
if (failures.length > 0) {
  console.error(String(failures[0]));
}
process.exit(failures.length > 0 ? 1 : 0);
