import type { Value } from "../../api/types.ts";
import { ShownValue } from "../ShownValue.tsx";
import { SourceWord } from "../SourceWord.tsx";
import { More } from "./More.tsx";

const FIRST = 8;

export function FieldsCard({ rows }: { rows: Value[] }) {
  return (
    <More items={rows} first={FIRST} noun="fields">
      {(shown) => (
        <dl className="fields">
          {shown.map((value, index) => (
            <div key={`${value.field} ${index}`} className="field">
              <dt className="dim">{value.label}</dt>
              <dd>
                <span className="field-value">
                  <ShownValue value={value} />
                </span>
                <SourceWord value={value} />
              </dd>
            </div>
          ))}
        </dl>
      )}
    </More>
  );
}
