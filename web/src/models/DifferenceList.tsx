import { Button } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";

import { RecordValues } from "../customer/RecordValues.tsx";
import { Late, Skeleton } from "../kit/Late.tsx";
import { ShowMore } from "../kit/ShowMore.tsx";
import { Trouble } from "../kit/Trouble.tsx";
import { plural } from "../kit/words.ts";
import { type Difference, type DifferentCustomer, differencesQuery, type DifferentRecord, type Kind } from "./model-queries.ts";

const KINDS: { value: Kind | null; label: string }[] = [
  { value: null, label: "All" },
  { value: "merged", label: "Would join" },
  { value: "split", label: "Would split" },
  { value: "moved", label: "Would move" },
];

/** Customers that would be others under a model, a page at a time. */
export function DifferenceList({ version }: { version: string }) {
  const [kind, setKind] = useState<Kind | null>(null);
  const answer = useInfiniteQuery(differencesQuery(version, kind));
  const found = answer.data?.pages.flatMap((page) => page.differences) ?? [];
  return (
    <div className="stack">
      <div className="row wrap" role="group" aria-label="Which differences">
        {KINDS.map(({ value, label }) => (
          <Button key={label} size="compact-sm" variant={value === kind ? "filled" : "default"} aria-pressed={value === kind} onClick={() => setKind(value)}>
            {label}
          </Button>
        ))}
      </div>
      {answer.isError && <Trouble error={answer.error} what="The differences could not be loaded" onRetry={() => void answer.refetch()} />}
      {answer.isPending && (
        <Late>
          <Skeleton height={64} lines={3} />
        </Late>
      )}
      {answer.data && found.length === 0 && <p className="dim">None of this kind.</p>}
      <ol className="differences">
        {found.map((one) => (
          <OneDifference key={one.number} one={one} />
        ))}
      </ol>
      <ShowMore answer={answer} />
    </div>
  );
}

function OneDifference({ one }: { one: Difference }) {
  return (
    <li className="difference">
      <p className="difference-words">{one.words}</p>
      <div className="difference-sides">
        <section aria-label="Now">
          <h3 className="dim">Now</h3>
          <ul>
            {one.before.map((customer) => (
              <li key={customer.customer}>
                <Named customer={customer} />
              </li>
            ))}
          </ul>
        </section>
        <section aria-label="With this model">
          <h3 className="dim">With this model</h3>
          <ul>
            {one.after.map((customer) => (
              <li key={customer.customer}>
                <Named customer={customer} />
                {customer.shown.map((record) => (
                  <OneRecord key={record.record} record={record} />
                ))}
                {customer.records > customer.shown.length && (
                  <p className="dim">and {plural(customer.records - customer.shown.length, "record")} more</p>
                )}
              </li>
            ))}
          </ul>
        </section>
      </div>
    </li>
  );
}

function Named({ customer }: { customer: DifferentCustomer }) {
  return (
    <p>
      {customer.exists ? (
        <Link to="/customers/$id" params={{ id: customer.customer }} search={{}}>
          <bdi>{customer.name}</bdi>
        </Link>
      ) : (
        <bdi>{customer.name}</bdi>
      )}{" "}
      <span className="dim">{plural(customer.records, "record")}</span>
    </p>
  );
}

function OneRecord({ record }: { record: DifferentRecord }) {
  return (
    <details className="record-details">
      <summary>
        {record.source_title} <bdi>{record.external_id}</bdi>
      </summary>
      <RecordValues values={record.values} />
    </details>
  );
}
