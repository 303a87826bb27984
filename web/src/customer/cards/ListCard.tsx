import { Link } from "@tanstack/react-router";

import type { ListRow } from "../../api/types.ts";
import { Moment } from "../../kit/Moment.tsx";
import { Tag } from "../../kit/Tag.tsx";
import { More } from "./More.tsx";

const FIRST = 3;

export function ListCard({ rows }: { rows: ListRow[] }) {
  return (
    <More items={rows} first={FIRST} noun="shown here">
      {(shown) => (
        <ul className="list-rows">
          {shown.map((row) => (
            <Row key={row.id} row={row} />
          ))}
        </ul>
      )}
    </More>
  );
}

function Row({ row }: { row: ListRow }) {
  return (
    <li className="list-row">
      <div className="row">
        <bdi className="cut grow list-title">
          {row.customer ? (
            <Link to="/customers/$id" params={{ id: row.customer }} search={{}}>
              {row.title}
            </Link>
          ) : (
            row.title
          )}
        </bdi>
        {row.amount && <span className="num list-amount">{row.amount}</span>}
      </div>
      <div className="row list-second dim">
        {row.status && <Tag tone={row.tone}>{row.status}</Tag>}
        <span className="cut grow">
          {row.at && <Moment at={row.at} />}
          {row.at && row.detail && " · "}
          {row.detail && <bdi>{row.detail}</bdi>}
        </span>
        {row.source_title && <span className="list-source">{row.source_title}</span>}
      </div>
    </li>
  );
}
