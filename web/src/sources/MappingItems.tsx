import { Button, Select } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Fragment } from "react";

import { streamsQuery } from "../api/connections.ts";
import type { MappedItem, MappingTarget, StreamMapping } from "../api/mappings.ts";
import { chosen, cleared, ofStream, OWN_ID, partiesOf, placeAt, placeText, pathInItem, pathsOf, retargeted, type Role, withItem, withoutItem } from "./change-mapping.ts";
import { itemTitle, rolesOf } from "./mapping-words.ts";
import { NoticeShown } from "./NoticeShown.tsx";
import { type Draft, noticeOf } from "./use-draft.ts";

const AS_WRITTEN = "\u0000";

interface Props {
  slug: string;
  mapping: StreamMapping;
  targets: MappingTarget[];
  draft: Draft;
}

/** What each record states: a person, an order; its id, whose it is, when it happened. */
export function MappingItems({ slug, mapping, targets, draft }: Props) {
  const streams = useQuery(streamsQuery(slug)).data?.streams.map(({ stream }) => stream) ?? [];
  return (
    <div className="stack">
      {mapping.items.map((item, index) => (
        <ItemFrame key={index} index={index} item={item} mapping={mapping} targets={targets} streams={streams} draft={draft} />
      ))}
      <div>
        <Select
          aria-label="States one thing more"
          placeholder="States one thing more …"
          className="mapping-more"
          searchable
          data={targets.map(({ id, label }) => ({ value: id, label }))}
          value={null}
          onChange={(target) => target && draft.change(withItem(mapping, target))}
        />
      </div>
    </div>
  );
}

interface FrameProps {
  index: number;
  item: MappedItem;
  mapping: StreamMapping;
  targets: MappingTarget[];
  streams: string[];
  draft: Draft;
}

function ItemFrame({ index, item, mapping, targets, streams, draft }: FrameProps) {
  const target = targets.find(({ id }) => id === item.target);
  const title = itemTitle(item, target, index);
  const turn = (chosenTarget: string) => {
    const next = targets.find(({ id }) => id === chosenTarget);
    const known = next?.fields.map(({ id }) => id) ?? [];
    const lost = Object.keys(item.fields ?? {}).filter((field) => !known.includes(field));
    const text = `${next?.label ?? chosenTarget} has no field for ${lost.map((one) => one.replaceAll("_", " ")).join(", ")}; what was read for it is kept beside the others.`;
    draft.change(retargeted(mapping, index, chosenTarget, known, next?.party ?? false), lost.length > 0 ? { at: title, text, both: null } : null);
  };
  const party = partiesOf(item)[0];
  return (
    <fieldset className="mapping-item" aria-label={title}>
      <div className="mapping-frame">
        <Select
          label={item.each ? `Each of ${item.each} is` : "Each record is"}
          data={targets.map(({ id, label }) => ({ value: id, label }))}
          value={item.target}
          searchable
          allowDeselect={false}
          onChange={(next) => next && next !== item.target && turn(next)}
        />
        {rolesOf(item.target, target?.party ?? false).map(({ role, label }) => (
          <Fragment key={role}>
            <RoleSelect role={role} label={label} index={index} item={item} mapping={mapping} draft={draft} title={title} />
            {role === "party" && party && (
              <Select
                label="of the stream"
                data={[...new Set([party.stream, ...streams])]}
                value={party.stream}
                searchable
                allowDeselect={false}
                onChange={(stream) => stream && draft.change(ofStream(mapping, index, stream))}
              />
            )}
          </Fragment>
        ))}
      </div>
      {(item.when?.length ?? 0) > 0 && <p className="dim">Only under conditions, which stand in the text below.</p>}
      <NoticeShown at={title} draft={draft} />
      {mapping.items.length > 1 && (
        <div>
          <Button variant="subtle" color="gray" size="compact-sm" aria-label={`Take away ${title}`} onClick={() => draft.change(withoutItem(mapping, index))}>
            Take this away
          </Button>
        </div>
      )}
    </fieldset>
  );
}

interface RoleProps {
  role: Role;
  label: string;
  index: number;
  item: MappedItem;
  mapping: StreamMapping;
  draft: Draft;
  title: string;
}

function RoleSelect({ role, label, index, item, mapping, draft, title }: RoleProps) {
  const place = placeAt(item, { role });
  const places = (draft.shown?.places ?? []).flatMap(({ path }) => {
    const inside = pathInItem(path, item.each);
    return inside === null ? [] : [{ value: path, inside, label: path }];
  });
  const [only, ...more] = place === undefined ? [] : pathsOf(place);
  const simple = typeof place === "string" ? (place === OWN_ID ? OWN_ID : places.find(({ inside }) => inside === only)?.value) : undefined;
  const value = place === undefined ? null : simple !== undefined && more.length === 0 ? simple : AS_WRITTEN;
  const own = role === "id" ? [{ value: OWN_ID, label: item.each ? "The record's own id" : "Its own id at the source" }] : [];
  const written = value === AS_WRITTEN && place !== undefined ? [{ value: AS_WRITTEN, label: placeText(place) }] : [];
  const choose = (path: string | null) => {
    if (path === AS_WRITTEN || path === value) return;
    const use = { item: index, role };
    if (path === null) draft.change(cleared(mapping, use));
    else {
      const change = chosen(mapping, path, use);
      draft.change(change.mapping, noticeOf(title, label, change));
    }
  };
  return (
    <Select
      label={label}
      placeholder="Nothing tells it"
      data={[...written, ...own, ...places.map(({ value: path, label: shown }) => ({ value: path, label: shown }))]}
      value={value}
      searchable
      clearable={role !== "id"}
      allowDeselect={role !== "id"}
      onChange={choose}
    />
  );
}
