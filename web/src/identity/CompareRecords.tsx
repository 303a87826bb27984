import { NativeSelect } from "@mantine/core";
import { useState } from "react";

import { ComparisonPart } from "./ComparisonPart.tsx";
import { recordNames } from "./identity-words.ts";
import type { Identity } from "./identity-queries.ts";

/** Any two records of the customer side by side, whether they were joined directly or by others. */
export function CompareRecords({ identity }: { identity: Identity }) {
  const ids = identity.records.map(({ record }) => record);
  const [left, setLeft] = useState("");
  const [right, setRight] = useState("");
  if (ids.length < 3) return null;
  const options = [
    { value: "", label: "Choose a record" },
    ...ids.map((value) => ({ value, label: recordNames([value], identity.records) })),
  ];
  return (
    <section className="identity-part" aria-labelledby="compare">
      <h3 id="compare">Compare two records</h3>
      <div className="row wrap">
        <NativeSelect aria-label="One record" data={options} value={left} onChange={(event) => setLeft(event.currentTarget.value)} />
        <NativeSelect aria-label="Another record" data={options} value={right} onChange={(event) => setRight(event.currentTarget.value)} />
      </div>
      {left && right && left !== right && <ComparisonPart left={left} right={right} />}
    </section>
  );
}
