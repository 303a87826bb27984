import "../styles/sources.css";

import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { Plus } from "lucide-react";
import { useState } from "react";

import { connectorsQuery, healthQuery } from "../api/connections.ts";
import { removedQuery } from "../api/removals.ts";
import { type Source, sourcesQuery } from "../api/sources.ts";
import { Late, Skeleton } from "../kit/Late.tsx";
import { Trouble } from "../kit/Trouble.tsx";
import { useTitle } from "../kit/use-title.ts";
import { useMay } from "../session/session.ts";
import { takesKeys } from "./describe-kind.ts";
import { NewSourceDialog } from "./NewSourceDialog.tsx";
import { QuarantineDrawer } from "./QuarantineDrawer.tsx";
import { RemovedSource } from "./RemovedSource.tsx";
import { SourceRow } from "./SourceRow.tsx";

const route = getRouteApi("/shell/sources");

/** Where the data comes from, how fresh it is, and what could not be accepted. */
export function SourcesPage() {
  const { quarantine } = route.useSearch();
  const navigate = route.useNavigate();
  const answer = useQuery(sourcesQuery);
  const mayCreate = useMay("sources");
  const health = useQuery(healthQuery).data?.sources;
  const [making, setMaking] = useState<{ source?: Source } | null>(null);
  useTitle("Sources");
  const sources = answer.data?.sources ?? [];
  const open = sources.find(({ slug }) => slug === quarantine);
  const kinds = useQuery(connectorsQuery).data?.connectors;
  const sends = ({ connector }: Source) => kinds?.some((kind) => kind.name === connector && takesKeys(kind)) ?? false;
  const removed = useQuery({ ...removedQuery, enabled: mayCreate }).data?.sources ?? [];
  const show = (slug?: string) => void navigate({ search: slug ? { quarantine: slug } : {}, resetScroll: false });

  return (
    <div className="page stack">
      <div className="row wrap">
        <h1 className="page-title grow">Sources</h1>
        {mayCreate && (
          <Button leftSection={<Plus size={14} aria-hidden />} onClick={() => setMaking({})}>
            Add a source
          </Button>
        )}
      </div>
      {answer.isError && (
        <Trouble error={answer.error} what="The sources could not be loaded" onRetry={() => void answer.refetch()} retrying={answer.isFetching} />
      )}
      {answer.isPending && (
        <Late>
          <Skeleton height={64} lines={5} />
        </Late>
      )}
      {answer.data && sources.length === 0 && (
        <p className="panel source-none">
          No sources yet. Add one to get a key for its events, or import a file: that makes a source too.
        </p>
      )}
      {sources.length > 0 && (
        <ul className="sources">
          {sources.map((source) => (
            <SourceRow
              key={source.slug}
              source={source}
              kind={answer.data?.connectors.find(({ name }) => name === source.connector)?.title ?? source.connector}
              health={health?.find((one) => one.source === source.slug)}
              onQuarantine={() => show(source.slug)}
              onKey={mayCreate && sends(source) ? () => setMaking({ source }) : null}
            />
          ))}
        </ul>
      )}
      {removed.length > 0 && (
        <section className="stack" aria-labelledby="removed">
          <h2 id="removed" className="part-title">
            Removed sources
          </h2>
          <ul className="sources">
            {removed.map((one) => (
              <RemovedSource key={one.source} one={one} />
            ))}
          </ul>
        </section>
      )}
      {open && <QuarantineDrawer source={open} onClose={() => show()} />}
      {making && <NewSourceDialog source={making.source ?? null} onClose={() => setMaking(null)} />}
    </div>
  );
}
