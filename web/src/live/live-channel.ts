import { StreamOwner } from "./stream-owner.ts";
import type { Change, LiveState, TabMessage } from "./live-types.ts";

const POLL = 10_000; // ms, where the browser cannot share one stream between tabs
const LOCK = "regard-live";

type Listener = (change: Change | null) => void;

/**
 * This tab's end of the one live stream of the browser.
 *
 * The tab that holds the Web Lock owns the EventSource and repeats what it hears over a BroadcastChannel;
 * with a stream per tab, the seventh tab would hang on the browser's six connections per host.
 * Without Web Locks (they need HTTPS or localhost) every listener is told to look again every ten seconds.
 */
class LiveChannel {
  private readonly tab = crypto.randomUUID?.() ?? String(Math.random());
  private readonly watched = new Map<string, Set<Listener>>();
  private readonly onState = new Set<() => void>();
  private state: LiveState = { word: "idle", since: Date.now() };
  private channel: BroadcastChannel | null = null;
  private owner: StreamOwner | null = null;
  private started = false;

  /** Calls back on every change of the customer; with null when changes may have been missed. */
  watch(customer: string, listener: Listener): () => void {
    this.start();
    const listeners = this.watched.get(customer) ?? new Set();
    this.watched.set(customer, listeners.add(listener));
    this.tellWants();
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0) this.watched.delete(customer);
      this.tellWants();
    };
  }

  /** After another role or user: the stream carries rights, so it is opened anew. */
  restart(): void {
    this.post({ kind: "restart" });
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.onState.add(listener);
    return () => this.onState.delete(listener);
  };

  readonly current = (): LiveState => this.state;

  private start(): void {
    if (this.started) return;
    this.started = true;
    if (!("locks" in navigator) || !("BroadcastChannel" in window)) {
      this.setState({ word: "polling", since: Date.now() });
      setInterval(() => this.hear({ kind: "missed" }), POLL);
      return;
    }
    this.channel = new BroadcastChannel(LOCK);
    this.channel.onmessage = (message: MessageEvent<TabMessage>) => this.hear(message.data);
    window.addEventListener("pagehide", () => this.post({ kind: "wants", tab: this.tab, customers: [] }));
    void navigator.locks.request(LOCK, () => this.lead());
  }

  /** Runs while this tab is the leader; the never-ending promise keeps the lock until the tab closes. */
  private lead(): Promise<never> {
    this.owner = new StreamOwner((message) => this.post(message));
    this.post({ kind: "roll-call" });
    return new Promise<never>(() => undefined);
  }

  private tellWants(): void {
    this.post({ kind: "wants", tab: this.tab, customers: [...this.watched.keys()] });
  }

  private post(message: TabMessage): void {
    this.channel?.postMessage(message);
    this.hear(message);
  }

  private hear(message: TabMessage): void {
    if (message.kind === "change") this.watched.get(message.change.customer)?.forEach((tell) => tell(message.change));
    if (message.kind === "missed") this.watched.forEach((listeners) => listeners.forEach((tell) => tell(null)));
    if (message.kind === "state") this.setState(message.state);
    if (message.kind === "roll-call") this.tellWants();
    if (message.kind === "wants") this.owner?.wants(message.tab, message.customers);
    if (message.kind === "restart") this.owner?.restart();
  }

  private setState(state: LiveState): void {
    this.state = state;
    this.onState.forEach((tell) => tell());
  }
}

export const liveChannel = new LiveChannel();
