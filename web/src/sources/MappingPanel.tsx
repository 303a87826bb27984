import "../styles/table.css";

import { Button, Select, Textarea } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useEffect, useMemo, useState } from "react";

import { mappingQuery, type MappingTarget, type Preview, previewMapping, type StreamMapping, targetsQuery, useSaveMapping } from "../api/mappings.ts";
import { Moment } from "../kit/Moment.tsx";
import { say } from "../kit/say.tsx";
import { Trouble } from "../kit/Trouble.tsx";
import { countText, plural } from "../kit/words.ts";
import { moved, type Use, useOf } from "./change-mapping.ts";
import { StatedRecords } from "./StatedRecords.tsx";

const KEPT = "";
const FIRST = 60; // rows; a record may have hundreds of places

interface Props {
  slug: string;
  stream: string;
  onClose: () => void;
}

/** What the records of a stream mean, with live samples beside it. */
export function MappingPanel({ slug, stream, onClose }: Props) {
  const saved = useQuery(mappingQuery(slug, stream));
  const targets = useQuery(targetsQuery).data?.targets ?? [];
  const [draft, setDraft] = useState<StreamMapping | null>(null);
  const [text, setText] = useState<string | null>(null);
  const preview = useMutation({ mutationFn: (mapping: StreamMapping | null) => previewMapping(slug, stream, mapping) });
  const save = useSaveMapping(slug, stream);
  const { mutate } = preview;
  useEffect(() => mutate(null, { onSuccess: (shown) => setDraft(shown.mapping) }), [mutate, slug, stream]);
  const change = (mapping: StreamMapping) => {
    setDraft(mapping);
    mutate(mapping);
  };
  const shown = preview.data;
  const versions = saved.data?.versions ?? [];
  return (
    <section className="panel stack mapping-panel" aria-labelledby="mapping">
      <div className="row wrap">
        <h2 id="mapping" className="part-title grow">
          What “{stream}” means
        </h2>
        <Button variant="subtle" color="gray" size="compact-sm" onClick={onClose}>
          Close
        </Button>
      </div>
      {preview.isError && <Trouble error={preview.error} what="The samples could not be read with it" />}
      {shown?.proposed && <p className="dim">Nobody has mapped this stream. This is what names and values suggest; look at it before you keep it.</p>}
      {shown && shown.notes.length > 0 && (
        <ul className="import-notes dim">
          {shown.notes.map((note) => (
            <li key={note}>{note}</li>
          ))}
        </ul>
      )}
      {shown && <Outcome shown={shown} />}
      {shown && draft && <Places shown={shown} draft={draft} targets={targets} onChange={change} />}
      {shown && <StatedRecords shown={shown} />}
      {draft && (
        <details className="mapping-text">
          <summary>The mapping as text</summary>
          <Textarea
            aria-label="The mapping as text"
            autosize
            minRows={8}
            maxRows={30}
            ff="monospace"
            value={text ?? JSON.stringify(draft, null, 2)}
            onChange={(event) => setText(event.currentTarget.value)}
            error={text !== null && !readText(text) ? "This is not JSON yet." : undefined}
          />
          <Button
            variant="default"
            size="compact-sm"
            disabled={text === null || !readText(text)}
            onClick={() => {
              const typed = text === null ? null : readText(text);
              if (typed) change(typed);
              setText(null);
            }}
          >
            Try the text
          </Button>
        </details>
      )}
      {save.isError && <Trouble error={save.error} what="The mapping was not kept" />}
      <div className="row wrap">
        <Button
          disabled={!draft}
          loading={save.isPending}
          onClick={() =>
            draft && save.mutate(draft, { onSuccess: ({ behind }) => say(behind > 0 ? `Kept. ${plural(behind, "record")} of the log are read again with it.` : "Kept.") })
          }
        >
          Keep this mapping
        </Button>
        {versions.length > 1 && (
          <Select
            aria-label="Earlier versions"
            placeholder="Earlier versions"
            size="xs"
            data={versions.map(({ number, saved_by }) => ({ value: String(number), label: `Version ${number} by ${saved_by}` }))}
            value={null}
            onChange={(chosen) => {
              const version = versions.find(({ number }) => String(number) === chosen);
              if (version) change(version.mapping);
            }}
          />
        )}
        {versions[0] && (
          <span className="dim">
            Version {versions[0].number}, <Moment at={versions[0].saved_at} />
          </span>
        )}
      </div>
    </section>
  );
}

function Outcome({ shown }: { shown: Preview }) {
  const stated = Object.entries(shown.stated).map(([target, n]) => `${countText(n)} ${target.replaceAll("_", " ")}`);
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

interface PlacesProps {
  shown: Preview;
  draft: StreamMapping;
  targets: MappingTarget[];
  onChange: (mapping: StreamMapping) => void;
}

function Places({ shown, draft, targets, onChange }: PlacesProps) {
  const [all, setAll] = useState(false);
  const choices = useMemo(() => choicesOf(draft, targets), [draft, targets]);
  const rows = all ? shown.places : shown.places.slice(0, FIRST);
  const choose = (path: string, value: string | null) => {
    const use = value ? readUse(value) : null;
    const target = use && targets.find(({ id }) => id === draft.items[use.item]?.target);
    const multiple = target?.fields.find(({ id }) => id === use?.field)?.multiple ?? false;
    onChange(moved(draft, path, use, multiple));
  };
  return (
    <>
      <div className="table-scroll mapping-table" tabIndex={0} role="region" aria-label="Fields of the source">
        <table className="table">
          <thead>
            <tr>
              <th scope="col">Field of the source</th>
              <th scope="col">Samples</th>
              <th scope="col">Becomes</th>
            </tr>
          </thead>
          <tbody>
            {rows.map(({ path, samples, used_as }) => {
              const use = useOf(draft, path);
              const other = used_as.filter((one) => !use || !one.endsWith(`.${use.field}`));
              return (
                <tr key={path}>
                  <th scope="row" className="column-name">
                    <bdi>{path}</bdi>
                  </th>
                  <td className="samples dim">
                    {samples.slice(0, 3).map((sample, index) => (
                      <bdi key={index} className="sample cut">
                        {sample}
                      </bdi>
                    ))}
                  </td>
                  <td className="becomes">
                    <Select
                      aria-label={`${path} becomes`}
                      size="xs"
                      searchable
                      allowDeselect={false}
                      data={choices}
                      value={use ? writeUse(use) : KEPT}
                      onChange={(value) => choose(path, value)}
                    />
                    {other.length > 0 && <span className="dim proposed">also {other.map((one) => one.replace(".", " ")).join(", ")}</span>}
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
      {shown.places.length > FIRST && (
        <Button variant="subtle" size="compact-sm" onClick={() => setAll(!all)}>
          {all ? "Show fewer fields" : `Show all ${shown.places.length} fields`}
        </Button>
      )}
    </>
  );
}

/** Every field of every item the mapping states, grouped by the item. */
function choicesOf(mapping: StreamMapping, targets: MappingTarget[]) {
  const groups = mapping.items.map((item, index) => {
    const target = targets.find(({ id }) => id === item.target);
    const known = target?.fields.map(({ id, label }) => ({ id, label })) ?? [];
    const own = Object.keys(item.fields ?? {})
      .filter((field) => !known.some(({ id }) => id === field))
      .map((field) => ({ id: field, label: field }));
    return {
      group: `${index + 1}. ${target?.label ?? item.target}${item.each ? ` (each of ${item.each})` : ""}`,
      items: [...known, ...own].map(({ id, label }) => ({ value: writeUse({ item: index, field: id }), label })),
    };
  });
  return [{ group: "Nothing", items: [{ value: KEPT, label: "Kept beside the others" }] }, ...groups];
}

function writeUse({ item, field }: Use): string {
  return `${item} ${field}`;
}

function readUse(text: string): Use {
  const [item = "0", field = ""] = text.split(" ", 2);
  return { item: Number(item), field };
}

function readText(text: string): StreamMapping | null {
  try {
    const read = JSON.parse(text) as StreamMapping;
    return Array.isArray(read.items) ? read : null;
  } catch {
    return null;
  }
}
