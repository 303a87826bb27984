import "../styles/imports.css";
import "../styles/sources.css";

import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { ChevronLeft } from "lucide-react";

import { connectionQuery, connectorsQuery, healthQuery } from "../api/connections.ts";
import { sourcesQuery } from "../api/sources.ts";
import { Late, Skeleton } from "../kit/Late.tsx";
import { Trouble } from "../kit/Trouble.tsx";
import { useTitle } from "../kit/use-title.ts";
import { CleansingPanel } from "./CleansingPanel.tsx";
import { ConnectionPanel } from "./ConnectionPanel.tsx";
import { HealthTag } from "./HealthTag.tsx";
import { MappingPanel } from "./MappingPanel.tsx";
import { ScorePanel } from "./ScorePanel.tsx";
import { StreamTable } from "./StreamTable.tsx";

const route = getRouteApi("/shell/sources/$slug");

/** One source: how it is doing, how it is reached, what its records mean, how good they are. */
export function SourcePage() {
  const { slug } = route.useParams();
  const { stream } = route.useSearch();
  const navigate = route.useNavigate();
  const source = useQuery(sourcesQuery).data?.sources.find((one) => one.slug === slug);
  const connection = useQuery(connectionQuery(slug));
  const kinds = useQuery(connectorsQuery);
  const health = useQuery(healthQuery).data;
  const mine = health?.sources.find((one) => one.source === slug);
  const drift = health?.drift.filter((one) => one.source === slug) ?? [];
  const kind = kinds.data?.connectors.find(({ name }) => name === connection.data?.connector);
  const settable = kind && (kind.reads || kind.webhook !== null);
  useTitle(source?.title ?? "Source");
  return (
    <div className="page stack">
      <Link to="/sources" className="back-link dim">
        <ChevronLeft size={14} aria-hidden /> Sources
      </Link>
      <div className="row wrap">
        <h1 className="page-title">{source?.title ?? slug}</h1>
        {mine && <HealthTag health={mine} />}
        <span className="dim grow">{kind?.title}</span>
      </div>
      {mine && <p className={mine.state === "failing" || mine.state === "late" ? "works-not" : "dim"}>{mine.sentence}</p>}
      {mine && mine.warnings.length > 0 && (
        <ul className="panel import-notes drift" aria-label="Warnings">
          {mine.warnings.map((warning) => (
            <li key={warning}>{warning}</li>
          ))}
        </ul>
      )}
      {drift.length > 0 && (
        <ul className="panel import-notes drift" aria-label="Changes of form">
          {drift.slice(0, 8).map((one) => (
            <li key={`${one.stream} ${one.place}`}>
              {one.stream}: {one.sentence}
            </li>
          ))}
        </ul>
      )}
      {connection.isError && <Trouble error={connection.error} what="The source could not be loaded" onRetry={() => void connection.refetch()} />}
      {(connection.isPending || kinds.isPending) && (
        <Late>
          <Skeleton height={64} lines={4} />
        </Late>
      )}
      {stream && <MappingPanel key={stream} slug={slug} stream={stream} onClose={() => void navigate({ search: {}, resetScroll: false })} />}
      {connection.data && <StreamTable slug={slug} reads={kind?.reads ?? false} />}
      {connection.data && settable && <ConnectionPanel key={connection.data.changed_at} kind={kind} state={connection.data} />}
      <ScorePanel slug={slug} raw={connection.data?.changed_at != null} />
      <CleansingPanel slug={slug} />
    </div>
  );
}
