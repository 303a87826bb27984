import { CloseButton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";

import type { ProvenanceValue } from "../api/types.ts";
import { Late, Skeleton } from "../kit/Late.tsx";
import { Moment } from "../kit/Moment.tsx";
import { Trouble } from "../kit/Trouble.tsx";
import { valueText } from "../kit/words.ts";
import { useCustomer } from "./customer-context.ts";
import { provenanceQuery } from "./customer-queries.ts";

interface Props {
  field: string;
  label: string;
  onClose: () => void;
}

/** Which record a value came from, by which rule it won, and what the others say. */
export function ProvenanceNote({ field, label, onClose }: Props) {
  const { id } = useCustomer();
  const answer = useQuery(provenanceQuery(id, field));
  return (
    <div className="provenance">
      <div className="row">
        <strong className="grow">{label}: where from?</strong>
        <CloseButton size="sm" aria-label="Close" onClick={onClose} data-autofocus />
      </div>
      {answer.isError && (
        <Trouble error={answer.error} what="The origin could not be loaded" onRetry={() => void answer.refetch()} />
      )}
      {answer.isPending && (
        <Late>
          <Skeleton height={70} />
        </Late>
      )}
      {answer.data && (
        <>
          <Origin value={answer.data.winner} />
          <p className="dim provenance-rule">{answer.data.rule}</p>
          {answer.data.others.length > 0 && (
            <>
              <p className="provenance-others">Other sources say</p>
              <ul className="stack-tight">
                {answer.data.others.map((other, index) => (
                  <li key={index}>
                    <Origin value={other} />
                  </li>
                ))}
              </ul>
            </>
          )}
        </>
      )}
    </div>
  );
}

function Origin({ value }: { value: ProvenanceValue }) {
  return (
    <div className="origin">
      {value.value ? <bdi className="origin-value">{valueText(value.value)}</bdi> : <span className="dim">hidden from your role</span>}
      <span className="dim">
        {value.source_title} · {value.stream} <bdi>{value.external_id}</bdi>
        {value.stated_at && (
          <>
            {" "}
            · <Moment at={value.stated_at} />
          </>
        )}
        {value.corrected && " · corrected by a cleansing"}
      </span>
    </div>
  );
}
