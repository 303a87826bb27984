import { dayText, exactText, whenText } from "./words.ts";

/** A moment in words; the exact one on hover. */
export function Moment({ at, day = false }: { at: string; day?: boolean }) {
  return (
    <time dateTime={at} title={exactText(at)}>
      {day ? dayText(at) : whenText(at)}
    </time>
  );
}
