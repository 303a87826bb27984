import type { Preview, ShownItem } from "../api/mappings.ts";
import { Shape } from "../kit/Shape.tsx";
import { exactText, fieldText } from "../kit/words.ts";

/** What some live records would say under the mapping. */
export function StatedRecords({ shown }: { shown: Preview }) {
  if (shown.records.length === 0) return null;
  return (
    <div className="stack">
      <h3 className="part-title">What live records say with it</h3>
      <ul className="stated">
        {shown.records.map((record) => (
          <li key={record.id} className="stated-record">
            <span className="dim">
              <bdi>{record.id}</bdi>
            </span>
            {record.refused && <p className="works-not">{record.refused.detail}</p>}
            {record.items.slice(0, 6).map((item, index) => (
              <Stated key={index} item={item} />
            ))}
            {record.items.length > 6 && <span className="dim">and {record.items.length - 6} more</span>}
          </li>
        ))}
      </ul>
    </div>
  );
}

function Stated({ item }: { item: ShownItem }) {
  return (
    <div className="stated-item">
      <strong>{fieldText(item.target)}</strong>{" "}
      <span className="dim">
        {item.stream} <bdi>{item.id}</bdi>
        {item.party && (
          <>
            {" "}
            of <bdi>{item.party}</bdi>
          </>
        )}
        {item.at && `, ${exactText(item.at)}`}
      </span>
      <dl className="stated-fields">
        {Object.entries(item.fields).map(([name, value]) => (
          <div key={name}>
            <dt className="dim">{fieldText(name)}</dt>
            <dd>{item.masked.includes(name) ? <Shape text={textOf(value)} /> : <bdi>{textOf(value)}</bdi>}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}

function textOf(value: unknown): string {
  if (Array.isArray(value)) return value.map(textOf).join(", ");
  return typeof value === "object" && value !== null ? JSON.stringify(value) : String(value);
}
