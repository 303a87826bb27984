import { useQuery } from "@tanstack/react-query";

import { Late, Skeleton } from "../kit/Late.tsx";
import { Trouble } from "../kit/Trouble.tsx";
import { type Comparison, type Weighed, comparisonQuery } from "./identity-queries.ts";
import { Waterfall } from "./Waterfall.tsx";

/** Why two records, or two customers by their ids, are one or are not: what decides, then the evidence. */
export function ComparisonPart({ left, right }: { left: string; right: string }) {
  const answer = useQuery(comparisonQuery(left, right));
  if (answer.isError) {
    return (
      <Trouble error={answer.error} what="The two could not be compared" onRetry={() => void answer.refetch()} retrying={answer.isFetching} />
    );
  }
  if (!answer.data) {
    return (
      <Late>
        <Skeleton height={120} lines={4} />
      </Late>
    );
  }
  return <Compared found={answer.data} />;
}

function Compared({ found }: { found: Comparison }) {
  const { left, right, pair, whole } = found;
  const several = whole !== null && (left.records > 1 || right.records > 1);
  return (
    <div className="comparison">
      <p className="comparison-why">{found.why}</p>
      {found.crowded.length > 0 && (
        <p className="dim">So many records carry the same value that it means nothing: {found.crowded.join(", ")}.</p>
      )}
      <Part weighed={whole ?? pair} />
      {several && (
        <details className="comparison-alone">
          <summary>
            <bdi>
              {left.source_title} {left.external_id}
            </bdi>{" "}
            and{" "}
            <bdi>
              {right.source_title} {right.external_id}
            </bdi>{" "}
            alone
          </summary>
          <Part weighed={pair} />
        </details>
      )}
    </div>
  );
}

function Part({ weighed }: { weighed: Weighed }) {
  return (
    <div className="comparison-part">
      <p>{weighed.words}</p>
      <Waterfall weighed={weighed} />
    </div>
  );
}
