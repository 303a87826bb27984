import "../styles/imports.css";

import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";

import { type Import, importsQuery } from "../api/imports.ts";
import { Late, Skeleton } from "../kit/Late.tsx";
import { Moment } from "../kit/Moment.tsx";
import { Tag } from "../kit/Tag.tsx";
import { Trouble } from "../kit/Trouble.tsx";
import { useTitle } from "../kit/use-title.ts";
import { plural, sizeText } from "../kit/words.ts";
import { DropFile } from "./DropFile.tsx";
import { STATUS } from "./import-words.ts";

/** Files in: drop one, or go on with one that was dropped before. */
export function ImportsPage() {
  const navigate = useNavigate();
  const answer = useQuery(importsQuery);
  const imports = answer.data?.imports ?? [];
  useTitle("Imports");
  return (
    <div className="page stack">
      <h1 className="page-title">Imports</h1>
      <DropFile onReady={(id) => void navigate({ to: "/imports/$id", params: { id } })} />
      {answer.isError && (
        <Trouble error={answer.error} what="Earlier imports could not be loaded" onRetry={() => void answer.refetch()} />
      )}
      {answer.isPending && (
        <Late>
          <Skeleton height={46} lines={3} />
        </Late>
      )}
      {imports.length > 0 && (
        <section className="stack" aria-labelledby="earlier">
          <h2 id="earlier" className="part-title">
            Earlier imports
          </h2>
          <ul className="panel import-list">
            {imports.map((one) => (
              <ImportLine key={one.id} one={one} />
            ))}
          </ul>
        </section>
      )}
    </div>
  );
}

function ImportLine({ one }: { one: Import }) {
  const { word, tone } = STATUS[one.status];
  return (
    <li>
      <Link to="/imports/$id" params={{ id: one.id }} className="import-line">
        <bdi className="cut grow import-name">{one.filename}</bdi>
        <span className="dim cut">
          {one.source} · {sizeText(one.size_bytes)}
          {one.account && ` · ${plural(one.account.stored, "row")} ${one.status === "checked" ? "would be " : ""}stored`} · <Moment at={one.created_at} />
        </span>
        <Tag tone={tone}>{word}</Tag>
      </Link>
    </li>
  );
}
