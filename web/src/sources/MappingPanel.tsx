import "../styles/mapping.css";

import { Button, Select } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";

import { mappingQuery, type MappingTarget, type Preview, targetsQuery, useSaveMapping } from "../api/mappings.ts";
import { Late, Skeleton } from "../kit/Late.tsx";
import { Moment } from "../kit/Moment.tsx";
import { say } from "../kit/say.tsx";
import { Trouble } from "../kit/Trouble.tsx";
import { countText, plural } from "../kit/words.ts";
import { MappingItems } from "./MappingItems.tsx";
import { MappingPlaces } from "./MappingPlaces.tsx";
import { MappingText } from "./MappingText.tsx";
import { StatedRecords } from "./StatedRecords.tsx";
import { type Draft, useDraft } from "./use-draft.ts";

interface Props {
  slug: string;
  stream: string;
  onClose: () => void;
}

/** What the records of a stream mean, with live samples beside it. */
export function MappingPanel({ slug, stream, onClose }: Props) {
  const targets = useQuery(targetsQuery).data?.targets ?? [];
  const draft = useDraft(slug, stream);
  const { mapping, shown } = draft;
  const panel = useRef<HTMLElement>(null);
  useEffect(() => {
    // Some browsers answer with a promise, which an effect must not.
    panel.current?.scrollIntoView({ block: "start" });
  }, []);
  return (
    <section ref={panel} className="panel stack mapping-panel" aria-labelledby="mapping">
      <div className="row wrap">
        <h2 id="mapping" className="part-title grow">
          What “{stream}” means
        </h2>
        <Button variant="subtle" color="gray" size="compact-sm" onClick={onClose}>
          Close
        </Button>
      </div>
      {draft.error && <Trouble error={draft.error} what="The samples could not be read with it" />}
      {!shown && draft.trying && (
        <Late>
          <Skeleton height={46} lines={5} />
        </Late>
      )}
      {shown?.proposed && <p className="dim">Nobody has mapped this stream. This is what names and values suggest; look at it before you keep it.</p>}
      {shown && shown.notes.length > 0 && (
        <ul className="import-notes dim">
          {shown.notes.map((note) => (
            <li key={note}>{note}</li>
          ))}
        </ul>
      )}
      {shown && mapping && (
        <>
          <MappingItems slug={slug} mapping={mapping} targets={targets} draft={draft} />
          <MappingPlaces slug={slug} stream={stream} shown={shown} mapping={mapping} targets={targets} draft={draft} />
          <Outcome shown={shown} targets={targets} />
          <StatedRecords shown={shown} />
          <MappingText mapping={mapping} onChange={draft.change} />
        </>
      )}
      <KeepBar slug={slug} stream={stream} draft={draft} />
    </section>
  );
}

function Outcome({ shown, targets }: { shown: Preview; targets: MappingTarget[] }) {
  const nameOf = (target: string) => targets.find(({ id }) => id === target)?.label ?? target.replaceAll("_", " ");
  const stated = Object.entries(shown.stated).map(([target, n]) => `${nameOf(target)} (${countText(n)})`);
  return (
    <div role="status" className="stack">
      <p>
        {plural(shown.surveyed, "sample")}: {stated.length > 0 ? stated.join(", ") : "nothing is stated yet"}
        {shown.unmapped.length > 0 && `; ${plural(shown.unmapped.length, "field")} kept beside them`}.
      </p>
      {shown.refused.map(({ code, detail, records }) => (
        <p key={`${code} ${detail}`} className="works-not">
          {plural(records, "sample")} would go into quarantine: {detail}
        </p>
      ))}
    </div>
  );
}

/** Keeps the mapping, takes the last step back, or goes to an earlier version. */
function KeepBar({ slug, stream, draft }: { slug: string; stream: string; draft: Draft }) {
  const versions = useQuery(mappingQuery(slug, stream)).data?.versions ?? [];
  const save = useSaveMapping(slug, stream);
  const [told, setTold] = useState("");
  const { mapping, undo, change, changed } = draft;
  const keep = () =>
    mapping &&
    save.mutate(mapping, {
      onSuccess: ({ behind }) => {
        draft.kept();
        setTold(behind > 0 ? `Kept. ${plural(behind, "record")} of the log are read again with it.` : "Kept.");
        say("Kept");
      },
    });
  return (
    <div className="keep-bar stack">
      {save.isError && <Trouble error={save.error} what="The mapping was not kept" />}
      <div className="row wrap">
        <Button disabled={!mapping} loading={save.isPending} onClick={keep}>
          Keep this mapping
        </Button>
        <Button variant="default" disabled={!undo} onClick={() => undo?.()}>
          Undo
        </Button>
        {versions.length > 1 && (
          <Select
            aria-label="Earlier versions"
            placeholder="Earlier versions"
            data={versions.map(({ number, saved_by }) => ({ value: String(number), label: `Version ${number} by ${saved_by}` }))}
            value={null}
            onChange={(number) => {
              const version = versions.find((one) => String(one.number) === number);
              if (version) change(version.mapping);
            }}
          />
        )}
        <span className="dim grow" role="status">
          {changed ? "Changed, not kept yet." : told || (versions[0] && <>Version {versions[0].number}, <Moment at={versions[0].saved_at} /></>)}
        </span>
      </div>
    </div>
  );
}
