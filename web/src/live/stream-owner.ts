import type { Change, LiveState, TabMessage } from "./live-types.ts";

const SETTLE = 60; // ms; several cards of one page ask at once
const AGAIN = 3_000; // ms before a refused stream is tried again
const LOST = 15_000; // ms of reconnecting after which we call it offline

/** Held by the leading tab: the one EventSource, open for all customers that any tab shows. */
export class StreamOwner {
  private readonly byTab = new Map<string, string[]>();
  private source: EventSource | null = null;
  private open = "";
  private timer: ReturnType<typeof setTimeout> | undefined;
  private brokenSince = 0;

  constructor(private readonly post: (message: TabMessage) => void) {
    window.addEventListener("offline", () => this.say("offline"));
    window.addEventListener("online", () => this.restart());
  }

  wants(tab: string, customers: string[]): void {
    if (customers.length) this.byTab.set(tab, customers);
    else this.byTab.delete(tab);
    if (this.wanted() !== this.open) this.connectSoon(SETTLE);
  }

  restart(): void {
    this.open = "";
    this.connectSoon(SETTLE);
  }

  private wanted(): string {
    return [...new Set([...this.byTab.values()].flat())].sort().join(" ");
  }

  private connectSoon(delay: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.connect(), delay);
  }

  private connect(): void {
    const wanted = this.wanted();
    if (wanted === this.open && this.source && this.source.readyState !== EventSource.CLOSED) return;
    this.source?.close();
    this.source = null;
    this.open = wanted;
    if (!wanted) {
      this.say("idle");
      return;
    }
    const query = wanted.split(" ").map((id) => `customer=${encodeURIComponent(id)}`);
    const source = new EventSource(`/api/v1/stream?${query.join("&")}`);
    source.addEventListener("open", () => this.opened());
    source.addEventListener("error", () => this.broke(source));
    source.addEventListener("change", (event: MessageEvent<string>) => {
      this.post({ kind: "change", change: JSON.parse(event.data) as Change });
    });
    // More changed at once than the server names one by one.
    source.addEventListener("missed", () => this.post({ kind: "missed" }));
    this.source = source;
  }

  private opened(): void {
    this.brokenSince = 0;
    this.say("live");
    // A fresh stream starts at "now": whatever happened since the screen was painted is asked for once.
    this.post({ kind: "missed" });
  }

  private broke(source: EventSource): void {
    if (source !== this.source) return;
    this.brokenSince ||= Date.now();
    this.say(Date.now() - this.brokenSince > LOST || !navigator.onLine ? "offline" : "reconnecting");
    if (source.readyState === EventSource.CLOSED) {
      this.open = "";
      this.connectSoon(AGAIN);
    }
  }

  private say(word: LiveState["word"]): void {
    this.post({ kind: "state", state: { word, since: Date.now() } });
  }
}
