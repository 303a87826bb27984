import { Building2, UserRound } from "lucide-react";

import type { SearchResult } from "../api/types.ts";
import { Tag } from "../kit/Tag.tsx";

/** One hit: who, what tells them apart, and why it matched. */
export function ResultLine({ result }: { result: SearchResult }) {
  const Icon = result.kind === "organisation" ? Building2 : UserRound;
  return (
    <>
      <span className="hit-icon" data-kind={result.kind}>
        <Icon size={15} aria-hidden />
      </span>
      <span className="hit-main">
        <bdi className="cut hit-name">{result.name}</bdi>
        {result.subtitle && <bdi className="cut dim">{result.subtitle}</bdi>}
      </span>
      {result.contact && <bdi className="cut dim hit-contact">{result.contact}</bdi>}
      {result.matched && (
        <span className="hit-why">
          <Tag tone="info">{result.matched}</Tag>
        </span>
      )}
    </>
  );
}
