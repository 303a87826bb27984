import { Button, Select } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";

import { type MappingTarget, type Preview, type ProposedPlace, reasonsQuery, type StreamMapping } from "../api/mappings.ts";
import { Samples } from "../kit/Samples.tsx";
import { ShapeNote } from "../kit/Shape.tsx";
import { TableScroll } from "../kit/TableScroll.tsx";
import { Tag } from "../kit/Tag.tsx";
import { percentText } from "../kit/words.ts";
import { leftOut, moved, usesOf } from "./change-mapping.ts";
import { choicesOf, KEPT, LEFT_OUT, readUse, useWords, writeUse } from "./mapping-words.ts";
import { NoticeShown } from "./NoticeShown.tsx";
import { type Draft, noticeOf } from "./use-draft.ts";

const FIRST = 60; // rows; a record may have hundreds of places
type Part = "all" | "mapped" | "kept" | "left";

interface Props {
  slug: string;
  stream: string;
  shown: Preview;
  mapping: StreamMapping;
  targets: MappingTarget[];
  draft: Draft;
}

/** Every field of the source's records with samples, and what it becomes. */
export function MappingPlaces({ slug, stream, shown, mapping, targets, draft }: Props) {
  const [all, setAll] = useState(false);
  const [part, setPart] = useState<Part>("all");
  const choices = useMemo(() => choicesOf(mapping, targets), [mapping, targets]);
  const reasons = useQuery({ ...reasonsQuery(slug, stream), enabled: shown.proposed }).data?.places ?? [];
  const parts = useMemo(() => shown.places.map((place) => ({ place, is: partOf(mapping, place) })), [mapping, shown.places]);
  const fitting = parts.filter(({ is }) => part === "all" || is === part);
  const rows = all ? fitting : fitting.slice(0, FIRST);
  const buttons: [Part, string][] = [
    ["all", "All"],
    ["mapped", "Mapped"],
    ["kept", "Kept beside the others"],
    ["left", "Left out"],
  ];
  return (
    <>
      <div className="row wrap" role="group" aria-label="Which fields">
        {buttons.map(([name, label]) => (
          <Button key={name} size="compact-sm" variant={part === name ? "filled" : "default"} aria-pressed={part === name} onClick={() => setPart(name)}>
            {label} ({name === "all" ? parts.length : parts.filter(({ is }) => is === name).length})
          </Button>
        ))}
      </div>
      {rows.some(({ place }) => place.masked) && <ShapeNote />}
      <TableScroll label="Fields of the source" className="mapping-table">
        <table className="table stacked">
          <thead>
            <tr>
              <th scope="col">Field of the source</th>
              <th scope="col">Samples</th>
              <th scope="col">Becomes</th>
            </tr>
          </thead>
          <tbody>
            {rows.map(({ place, is }) => (
              <tr key={place.path} data-part={is}>
                <th scope="row" className="column-name">
                  <bdi>{place.path}</bdi>
                </th>
                <td className="samples dim">
                  <Samples samples={place.samples} masked={place.masked} />
                </td>
                <td className="becomes">
                  <Becomes
                    place={place}
                    choices={choices}
                    mapping={mapping}
                    targets={targets}
                    draft={draft}
                    reason={reasons.find(({ path }) => path === place.path)}
                  />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </TableScroll>
      {fitting.length === 0 && <p className="dim">No field of this stream is {part === "mapped" ? "mapped yet" : part === "kept" ? "kept beside the others" : "left out"}.</p>}
      {fitting.length > FIRST && (
        <Button variant="subtle" size="compact-sm" onClick={() => setAll(!all)}>
          {all ? "Show fewer fields" : `Show all ${fitting.length} fields`}
        </Button>
      )}
    </>
  );
}

type ShownPlace = Preview["places"][number];

/** A place is mapped when anything reads it, in a longer way too. */
function partOf(mapping: StreamMapping, { path, used_as: read }: ShownPlace): Exclude<Part, "all"> {
  if (mapping.skip?.includes(path)) return "left";
  return usesOf(mapping, path).length > 0 || read.length > 0 ? "mapped" : "kept";
}

interface BecomesProps {
  place: ShownPlace;
  choices: ReturnType<typeof choicesOf>;
  mapping: StreamMapping;
  targets: MappingTarget[];
  draft: Draft;
  reason: ProposedPlace | undefined;
}

function Becomes({ place: { path, used_as: read }, choices, mapping, targets, draft, reason }: BecomesProps) {
  const uses = usesOf(mapping, path);
  const [first, ...others] = uses;
  const also = others.map((use) => useWords(use, mapping, targets));
  // What reads it in a longer way (a template, a list of parts) is told by the server alone.
  const longer = uses.length > 0 ? [] : [...new Set(read.map((one) => one.split(".").at(-1)?.replaceAll("_", " ") ?? ""))];
  const choose = (value: string | null) => {
    if (value === LEFT_OUT) return draft.change(leftOut(mapping, path));
    const use = value ? readUse(value) : null;
    const target = use && targets.find(({ id }) => id === mapping.items[use.item]?.target);
    const field = target?.fields.find(({ id }) => id === use?.field);
    const change = moved(mapping, path, use, field?.multiple ?? false);
    draft.change(change.mapping, use && noticeOf(path, useWords(use, mapping, targets), change));
  };
  const proposedOut = mapping.skip?.includes(path) && draft.shown?.proposed;
  const isProposed = reason && first?.field === reason.field && reason.field !== null;
  return (
    <>
      <Select
        aria-label={`${path} becomes`}
        searchable
        allowDeselect={false}
        data={choices}
        value={mapping.skip?.includes(path) ? LEFT_OUT : first ? writeUse(first) : KEPT}
        onChange={choose}
      />
      {also.length > 0 && <span className="dim proposed">also: {also.join(", ")}</span>}
      {longer.length > 0 && <span className="dim proposed">read for {longer.join(", ")}, as the text below says</span>}
      {isProposed && (
        <span className="dim proposed">
          <Tag tone="info">{percentText(reason.confidence)}</Tag> {reason.reason}
        </span>
      )}
      {reason?.field === null && proposedOut && <span className="dim proposed">{reason.reason}</span>}
      <NoticeShown at={path} draft={draft} />
    </>
  );
}
