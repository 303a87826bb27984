/** Shapes of the public API, as the server sends them. The big read routes answer ready-made JSON, so their types live here. */

export type Tone = "neutral" | "good" | "warn" | "danger";

export interface Value {
  field: string;
  label: string;
  value: string;
  state: "shown" | "masked" | "exists";
  class: string;
  source: string;
  source_title: string;
  as_of: string | null;
  others: number;
}

export interface Vital {
  id: string;
  label: string;
  value: string;
  hint?: string | null;
  tone: Tone;
  source_titles: string[];
}

export interface AlertLine {
  id: string;
  tone: Tone;
  text: string;
  entry: string | null;
}

export interface ListRow {
  id: string;
  title: string;
  detail?: string | null;
  amount?: string | null;
  status?: string | null;
  tone?: Tone | null;
  at?: string | null;
  source?: string | null;
  source_title?: string | null;
  customer?: string | null;
}

export interface ConsentCell {
  state: "granted" | "denied" | "unknown";
  at?: string | null;
  source_title?: string | null;
}

export interface Payloads {
  fields: { rows: Value[] };
  list: { rows: ListRow[] };
  table: {
    columns: { id: string; label: string; align?: "left" | "right" | "center"; grouped?: boolean }[];
    rows: { id: string; cells: (string | null)[] }[];
  };
  timeline: Record<string, never>;
  metric: { items: { label: string; value: string; hint?: string | null; tone?: Tone }[] };
  chart: { label: string; points: { at: string; value: number }[]; summary: string };
  matrix: { columns: string[]; rows: { label: string; cells: ConsentCell[] }[] };
  text: { text: string };
  actions: { items: { id: string; label: string; enabled: boolean; reason?: string | null }[] };
}

export type CardKind = keyof Payloads;
export type Region = "left" | "centre" | "right";

interface CardOf<K extends CardKind> {
  id: string;
  kind: K;
  title: string;
  region: Region;
  total?: number | null;
  empty?: string | null;
  fresh?: { as_of: string | null; late: boolean; sentence?: string | null } | null;
  payload: Payloads[K];
}

export type Card = { [K in CardKind]: CardOf<K> }[CardKind];

export interface Entry {
  id: string;
  type: string;
  sentence: string;
  detail?: string | null;
  amount?: string | null;
  status?: string | null;
  tone?: Tone | null;
  at: string;
  /** Nothing says when it happened: `at` is when it arrived. */
  undated?: boolean;
  source: string;
  source_title: string;
  count: number;
  children?: string[];
}

export interface TimelinePage {
  entries: Entry[];
  next: string | null;
  filter: string;
  filters: { id: string; label: string }[];
}

export interface CustomerView {
  id: string;
  kind: "person" | "organisation";
  version: string | number;
  as_of: string;
  role: string;
  desktop: string;
  header: {
    name: Value;
    initials: string;
    subtitle: string | null;
    since: string | null;
    contacts: Value[];
    organisation: { id: string; name: string } | null;
    identity: { records: number; sources: number; confidence: number; word: string };
  };
  vitals: Vital[];
  alerts: AlertLine[];
  cards: Card[];
  timeline: TimelinePage;
  withheld: { field: string; label: string; reason: string }[];
}

export interface SearchResult {
  id: string;
  kind: "person" | "organisation";
  name: string;
  subtitle?: string | null;
  contact?: string | null;
  matched?: string | null;
}

export interface SearchPage {
  results: SearchResult[];
  next: string | null;
  searched: string[];
}

export interface Provenance {
  field: string;
  label: string;
  rule: string;
  winner: ProvenanceValue;
  others: ProvenanceValue[];
}

export interface ProvenanceValue {
  value: string;
  source_title: string;
  stream: string;
  external_id: string;
  stated_at: string | null;
  /** The source said it otherwise; a cleansing corrected it. */
  corrected?: boolean;
}
