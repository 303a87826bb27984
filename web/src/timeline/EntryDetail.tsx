import { useQuery } from "@tanstack/react-query";

import { request } from "../api/request.ts";
import type { Entry, Value } from "../api/types.ts";
import { useCustomer } from "../customer/customer-context.ts";
import { ShownValue } from "../customer/ShownValue.tsx";
import { Late, Skeleton } from "../kit/Late.tsx";
import { Trouble } from "../kit/Trouble.tsx";
import { exactText } from "../kit/words.ts";
import { arrivedText, EntryMoment } from "./EntryMoment.tsx";

interface Detail {
  entry: Entry;
  rows: Value[];
  children: Entry[];
}

/** The record behind an entry, as far as the role may see it, and the entries that were folded into it. */
export function EntryDetail({ entry }: { entry: Entry }) {
  const { id } = useCustomer();
  const answer = useQuery({
    queryKey: ["customer", id, "entry", entry.id],
    queryFn: ({ signal }) =>
      request<Detail>(`/customers/${encodeURIComponent(id)}/timeline/${encodeURIComponent(entry.id)}`, { signal }),
  });
  return (
    <div className="entry-detail">
      <p className="dim">
        {entry.undated ? arrivedText(entry) : exactText(entry.at)}, {entry.source_title}
      </p>
      {answer.isError && (
        <Trouble error={answer.error} what="The detail could not be loaded" onRetry={() => void answer.refetch()} />
      )}
      {answer.isPending && (
        <Late>
          <Skeleton height={60} />
        </Late>
      )}
      {answer.data && (
        <>
          <dl className="detail-rows">
            {answer.data.rows.map((row, index) => (
              <div key={`${row.field} ${index}`}>
                <dt className="dim">{row.label}</dt>
                <dd>
                  <ShownValue value={row} />
                </dd>
              </div>
            ))}
          </dl>
          {answer.data.children.length > 0 && (
            <ul className="detail-children">
              {answer.data.children.map((child) => (
                <li key={child.id} className="row">
                  <bdi className="grow">{child.sentence}</bdi>
                  {child.amount && <span className="num">{child.amount}</span>}
                  <span className="dim">
                    <EntryMoment entry={child} />
                  </span>
                </li>
              ))}
            </ul>
          )}
        </>
      )}
    </div>
  );
}
