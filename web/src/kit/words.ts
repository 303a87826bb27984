/** How moments and amounts of time are said: "2 Nov 2026", on every screen and as the server writes it. */

const MINUTE = 60;
const HOUR = 3_600;
const DAY = 86_400;
const DAY_ONLY = /^([1-9]\d{3})-(\d\d)-(\d\d)$/;

const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto", style: "short" });
const month = new Intl.DateTimeFormat("en", { month: "short" });
const heading = new Intl.DateTimeFormat("en-GB", { weekday: "long", day: "numeric", month: "long", year: "numeric" });
const clock = new Intl.DateTimeFormat("en", { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const second = new Intl.DateTimeFormat("en", { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });
const count = new Intl.NumberFormat("en");

/** "4 min. ago" within a day, else the day; the year only when it is another one. */
export function whenText(iso: string, now = Date.now()): string {
  const at = Date.parse(iso);
  if (Number.isNaN(at)) return iso;
  const seconds = Math.round((at - now) / 1000);
  const away = Math.abs(seconds);
  if (away < 45) return "just now";
  if (away < HOUR) return relative.format(Math.round(seconds / MINUTE), "minute");
  if (away < DAY) return relative.format(Math.round(seconds / HOUR), "hour");
  return dayText(iso, now);
}

export function dayText(iso: string, now = Date.now()): string {
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) return iso;
  return at.getFullYear() === new Date(now).getFullYear() ? shortDay(at) : longDay(at);
}

/** A value of a source: a day in ISO form is written as a day, anything else stands as it is. */
export function valueText(value: string): string {
  const [year, whole, day] = DAY_ONLY.exec(value)?.slice(1).map(Number) ?? [];
  if (!year || !whole || !day) return value;
  const at = new Date(year, whole - 1, day);
  return at.getMonth() === whole - 1 ? longDay(at) : value;
}

function shortDay(at: Date): string {
  return `${at.getDate()} ${month.format(at)}`;
}

function longDay(at: Date): string {
  return `${shortDay(at)} ${at.getFullYear()}`;
}

export function exactText(iso: string): string {
  const at = new Date(iso);
  return Number.isNaN(at.getTime()) ? iso : `${longDay(at)}, ${second.format(at)}`;
}

export function clockText(at: Date | string): string {
  return clock.format(typeof at === "string" ? new Date(at) : at);
}

/** Heading of a day in the timeline. */
export function headingText(iso: string, now = Date.now()): string {
  const at = new Date(iso);
  const day = at.toDateString();
  if (day === new Date(now).toDateString()) return "Today";
  if (day === new Date(now - DAY * 1000).toDateString()) return "Yesterday";
  return heading.format(at);
}

/** "3 s", "2 min", "5 h", "4 days". */
export function spanText(seconds: number): string {
  if (seconds < 1) return "none";
  if (seconds < 2 * MINUTE) return `${Math.round(seconds)} s`;
  if (seconds < 2 * HOUR) return `${Math.round(seconds / MINUTE)} min`;
  if (seconds < 2 * DAY) return `${Math.round(seconds / HOUR)} h`;
  return `${Math.round(seconds / DAY)} days`;
}

/** The name of a field as a heading: "house_number" is "House number". */
export function fieldText(name: string): string {
  const words = name.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

export function countText(n: number): string {
  return count.format(n);
}

export function plural(n: number, one: string, many = `${one}s`): string {
  return `${countText(n)} ${n === 1 ? one : many}`;
}

export function sizeText(bytes: number): string {
  if (bytes < 1_000) return `${bytes} bytes`;
  if (bytes < 1_000_000) return `${(bytes / 1_000).toFixed(1)} kB`;
  if (bytes < 1_000_000_000) return `${(bytes / 1_000_000).toFixed(1)} MB`;
  return `${(bytes / 1_000_000_000).toFixed(2)} GB`;
}

export function percentText(share: number): string {
  return `${Math.floor(share * 100)} %`;
}
