import type { Value } from "../api/types.ts";
import { ShownValue } from "./ShownValue.tsx";

/** What a source record says, field by field. */
export function RecordValues({ values }: { values: Value[] }) {
  return (
    <dl className="record-values">
      {values.map((value, index) => (
        <div key={`${value.field} ${index}`}>
          <dt className="dim">{value.label}</dt>
          <dd>
            <ShownValue value={value} />
          </dd>
        </div>
      ))}
    </dl>
  );
}
