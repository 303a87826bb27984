import "../styles/imports.css";
import "../styles/sources.css";

import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { ChevronLeft } from "lucide-react";

import { connectionQuery, connectorsQuery, healthQuery, streamsQuery, useGoOn } from "../api/connections.ts";
import { removedQuery } from "../api/removals.ts";
import { type Source, sourcesQuery } from "../api/sources.ts";
import { Late, Skeleton } from "../kit/Late.tsx";
import { Trouble } from "../kit/Trouble.tsx";
import { useTitle } from "../kit/use-title.ts";
import { useMay } from "../session/session.ts";
import { CleansingPanel } from "./CleansingPanel.tsx";
import { ConnectionPanel } from "./ConnectionPanel.tsx";
import { isReached, takesKeys } from "./describe-kind.ts";
import { HealthTag } from "./HealthTag.tsx";
import { KeysPanel } from "./KeysPanel.tsx";
import { MappingPanel } from "./MappingPanel.tsx";
import { nextSteps } from "./next-steps.ts";
import { QuarantineDrawer } from "./QuarantineDrawer.tsx";
import { RemovedSource } from "./RemovedSource.tsx";
import { RemovePanel } from "./RemovePanel.tsx";
import { ScorePanel } from "./ScorePanel.tsx";
import { SourceFigures } from "./SourceFigures.tsx";
import { SourceTitle } from "./SourceTitle.tsx";
import { StepList } from "./StepList.tsx";
import { StreamTable } from "./StreamTable.tsx";

const route = getRouteApi("/shell/sources/$slug");

/** One source: what is wrong and what to do, how it is doing, then everything else about it. */
export function SourcePage() {
  const { slug } = route.useParams();
  const answer = useQuery(sourcesQuery);
  const source = answer.data?.sources.find((one) => one.slug === slug);
  const absent = answer.data !== undefined && !source;
  const removed = useQuery({ ...removedQuery, enabled: absent }).data?.sources.find((one) => one.source === slug);
  useTitle(source?.title ?? removed?.title ?? "Source");
  return (
    <div className="page stack">
      <Link to="/sources" className="back-link dim">
        <ChevronLeft size={14} aria-hidden /> Sources
      </Link>
      {answer.isError && <Trouble error={answer.error} what="The source could not be loaded" onRetry={() => void answer.refetch()} />}
      {answer.isPending && (
        <Late>
          <Skeleton height={64} lines={4} />
        </Late>
      )}
      {source && <OneSource key={slug} source={source} />}
      {absent && removed && (
        <>
          <h1 className="page-title">{removed.title}</h1>
          <ul className="sources">
            <RemovedSource one={removed} />
          </ul>
        </>
      )}
      {absent && !removed && <p className="panel source-none">There is no source “{slug}”. It may have another short name now.</p>}
    </div>
  );
}

function OneSource({ source }: { source: Source }) {
  const { slug } = source;
  const { stream, quarantine } = route.useSearch();
  const navigate = route.useNavigate();
  const mayChange = useMay("sources");
  const connection = useQuery(connectionQuery(slug));
  const kind = useQuery(connectorsQuery).data?.connectors.find(({ name }) => name === source.connector);
  const health = useQuery(healthQuery).data;
  const streams = useQuery(streamsQuery(slug)).data?.streams ?? [];
  const mine = health?.sources.find((one) => one.source === slug);
  const drift = health?.drift.filter((one) => one.source === slug) ?? [];
  const steps = nextSteps({ source, kind, connection: connection.data, health: mine, streams, drift });
  const settable = kind && isReached(kind);
  const goOn = useGoOn(slug);
  const show = (search: { stream?: string; quarantine?: string }) => void navigate({ search, resetScroll: false });
  const first = connection.data?.changed_at === null;
  const settings = connection.data && settable && <ConnectionPanel key={connection.data.changed_at} kind={kind} state={connection.data} open={first || mine?.state === "failing"} />;
  return (
    <>
      <div className="row wrap">
        <SourceTitle source={source} mayChange={mayChange} />
        {mine && <HealthTag health={mine} />}
        <span className="dim">{kind?.title}</span>
      </div>
      <StepList steps={steps} calm={mine?.sentence} onMap={(wanted) => show({ stream: wanted })} onQuarantine={() => show({ quarantine: "open" })} onGoOn={goOn.mutate} />
      {goOn.isError && <Trouble error={goOn.error} what="They still wait" />}
      <div className="panel source-doing">
        <SourceFigures source={source} onQuarantine={() => show({ quarantine: "open" })} />
      </div>
      {connection.isError && <Trouble error={connection.error} what="Its settings could not be loaded" onRetry={() => void connection.refetch()} />}
      {first && settings}
      <StreamTable slug={slug} reads={kind?.reads ?? false} />
      {stream && <MappingPanel key={stream} slug={slug} stream={stream} onClose={() => show({})} />}
      {!first && settings}
      {kind && takesKeys(kind) && <KeysPanel slug={slug} />}
      <ScorePanel slug={slug} raw={connection.data?.changed_at != null} />
      <CleansingPanel slug={slug} />
      {mayChange && <RemovePanel source={source} />}
      {quarantine && <QuarantineDrawer source={source} onClose={() => show(stream ? { stream } : {})} />}
    </>
  );
}
