import "../styles/imports.css";

import { Button, Progress } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { ArrowLeft } from "lucide-react";
import { useState } from "react";

import { type Import, importQuery, type ImportMapping, isWorking, targetsQuery, useImportStep } from "../api/imports.ts";
import { Late, Skeleton } from "../kit/Late.tsx";
import { Tag } from "../kit/Tag.tsx";
import { Trouble } from "../kit/Trouble.tsx";
import { useTitle } from "../kit/use-title.ts";
import { countText, plural, sizeText } from "../kit/words.ts";
import { Account } from "./Account.tsx";
import { Comparison } from "./Comparison.tsx";
import { TakeBack } from "./TakeBack.tsx";
import { formatText, STATUS } from "./import-words.ts";
import { MappingEditor } from "./MappingEditor.tsx";

const route = getRouteApi("/shell/imports/$id");

/** From a file to customers: look at the proposal, try it, run it, read the account. */
export function ImportWizard() {
  const { id } = route.useParams();
  const answer = useQuery(importQuery(id));
  useTitle(answer.data?.filename);
  return (
    <div className="page stack import-page">
      <Link to="/imports" className="back-link">
        <ArrowLeft size={14} aria-hidden /> All imports
      </Link>
      {answer.isError && (
        <Trouble error={answer.error} what="The import could not be loaded" onRetry={() => void answer.refetch()} />
      )}
      {answer.isPending && (
        <Late>
          <Skeleton height={60} lines={5} />
        </Late>
      )}
      {answer.data && <Steps key={id} one={answer.data} />}
    </div>
  );
}

function Steps({ one }: { one: Import }) {
  const targets = useQuery(targetsQuery);
  const step = useImportStep(one.id);
  const [mapping, setMapping] = useState<ImportMapping>(one.mapping);
  const [changed, setChanged] = useState(false);
  const { word, tone } = STATUS[one.status];
  const working = isWorking(one.status) || step.isPending;
  const take = (which: "dry-run" | "run") =>
    step.mutate({ step: which, mapping: which === "dry-run" ? mapping : null }, { onSuccess: () => setChanged(false) });
  const checked = one.status === "checked" && !changed;

  return (
    <>
      <div className="row wrap">
        <h1 className="page-title">
          <bdi>{one.filename}</bdi>
        </h1>
        <Tag tone={tone}>{word}</Tag>
        <span className="grow" />
        <span className="dim">
          {formatText(one.format)} · {sizeText(one.size_bytes)}
          {one.rows_total !== null && ` · ${countText(one.rows_total)} rows`}
        </span>
      </div>
      {one.status === "reverted" && one.revert && (
        <p className="panel import-work" role="status">
          {plural(one.revert.done - one.revert.handed_over, "statement")} of this import taken back: customers are what they would be without it.
          {one.revert.handed_over > 0 && ` ${countText(one.revert.handed_over)} stayed, because a later import says the same.`}
        </p>
      )}
      {one.error && <Trouble error={new Error(one.error)} what="The import stopped" />}
      {isWorking(one.status) && <Work one={one} />}
      {one.account && !isWorking(one.status) && !changed && <Account one={one} account={one.account} />}
      {step.isError && <Trouble error={step.error} what="This step did not work" />}
      <div className="row wrap import-acts">
        <Button variant={changed || one.status === "proposed" ? "filled" : "default"} loading={step.isPending} disabled={working} onClick={() => take("dry-run")}>
          Try it, storing nothing
        </Button>
        {checked && (
          <Button disabled={working} onClick={() => take("run")}>
            Run the import
          </Button>
        )}
        {one.revertible && !working && one.status !== "reverted" && <TakeBack id={one.id} />}
        {one.status === "done" && (
          <Button renderRoot={(props) => <Link to="/customers" search={{}} {...props} />}>
            See the customers
          </Button>
        )}
      </div>
      {one.status === "done" && !changed && one.revertible && <Comparison id={one.id} />}
      {one.notes.length > 0 && (
        <ul className="import-notes dim">
          {one.notes.map((note) => (
            <li key={note}>{note}</li>
          ))}
        </ul>
      )}
      {targets.isError && (
        <Trouble error={targets.error} what="The list of fields could not be loaded" onRetry={() => void targets.refetch()} />
      )}
      {targets.data && (
        <MappingEditor
          columns={one.columns}
          meanings={targets.data}
          mapping={mapping}
          disabled={working}
          onChange={(next) => {
            setMapping(next);
            setChanged(true);
          }}
        />
      )}
    </>
  );
}

function Work({ one }: { one: Import }) {
  if (one.status === "reverting") {
    const { of, done } = one.revert ?? { of: 0, done: 0 };
    return (
      <div className="panel import-work" role="status">
        <p>
          Taking back: {countText(done)} of {countText(of)}
        </p>
        <Progress value={(done / Math.max(1, of)) * 100} aria-label="Taken back" />
      </div>
    );
  }
  const known = one.rows_total !== null && one.rows_total > 0;
  const share = known ? one.rows_read / (one.rows_total ?? 1) : one.bytes_read / Math.max(1, one.size_bytes);
  return (
    <div className="panel import-work" role="status">
      <p>
        {one.status === "running" ? "Storing" : "Trying"}: {countText(one.rows_read)} rows read
        {known && ` of ${countText(one.rows_total ?? 0)}`}
      </p>
      <Progress value={share * 100} aria-label="Rows read" />
    </div>
  );
}
