import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { type FieldScore, type Profile, scorecardQuery, useProfile } from "../api/connections.ts";
import { Shape } from "../kit/Shape.tsx";
import { TableScroll } from "../kit/TableScroll.tsx";
import { Trouble } from "../kit/Trouble.tsx";
import { countText, fieldText, percentText, plural } from "../kit/words.ts";
import { FlaggedRecords } from "./FlaggedRecords.tsx";

const KINDS = { person: "Persons", organisation: "Organisations" } as const;

/** How good the data of a source is: field by field, and before it is shown. */
export function ScorePanel({ slug, raw }: { slug: string; raw: boolean }) {
  const answer = useQuery(scorecardQuery(slug));
  const profile = useProfile(slug);
  const [flag, setFlag] = useState<string | null>(null);
  const kinds = answer.data?.kinds.filter(({ records }) => records > 0) ?? [];
  return (
    <section className="panel stack score" aria-labelledby="score">
      <div className="row wrap">
        <h2 id="score" className="part-title grow">
          Quality
        </h2>
        {raw && (
          <Button variant="default" size="compact-sm" loading={profile.isPending} onClick={() => profile.mutate()}>
            Profile a sample
          </Button>
        )}
      </div>
      {answer.isError && <Trouble error={answer.error} what="The scorecard could not be loaded" />}
      {profile.isError && <Trouble error={profile.error} what="The source could not be profiled" />}
      {profile.data && <ProfileShown profile={profile.data} />}
      {answer.data && kinds.length === 0 && <p className="dim">No persons or organisations of this source are shown yet.</p>}
      {kinds.map(({ kind, records, fields }) => (
        <TableScroll key={kind} label={`Quality of ${KINDS[kind].toLowerCase()}`}>
          <table className="table">
            <caption className="score-caption">
              {KINDS[kind]}: {plural(records, "record")}
            </caption>
            <thead>
              <tr>
                <th scope="col">Field</th>
                <th scope="col" data-align="right">Filled</th>
                <th scope="col" data-align="right">Well</th>
                <th scope="col">What is wrong</th>
              </tr>
            </thead>
            <tbody>
              {fields.map((field) => (
                <tr key={field.field}>
                  <th scope="row">{fieldText(field.field)}</th>
                  <td data-align="right">{percentText(field.filled_share)}</td>
                  <td data-align="right">{field.valid_share === null ? "" : percentText(field.valid_share)}</td>
                  <td>
                    <Reasons field={field} open={flag} onOpen={setFlag} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </TableScroll>
      ))}
      {flag && <FlaggedRecords key={flag} slug={slug} flag={flag} onClose={() => setFlag(null)} />}
    </section>
  );
}

interface ReasonsProps {
  field: FieldScore;
  open: string | null;
  onOpen: (flag: string | null) => void;
}

/** Why values of a field are not simply well; each reason opens its records. */
function Reasons({ field, open, onOpen }: ReasonsProps) {
  return field.reasons.slice(0, 4).map(({ detail, reason, records, flag }) => (
    <button key={flag} type="button" className="plain-button reason" aria-expanded={open === flag} onClick={() => onOpen(open === flag ? null : flag)}>
      {countText(records)} × {detail ?? reason.replaceAll("_", " ")}
    </button>
  ));
}

function ProfileShown({ profile }: { profile: Profile }) {
  return (
    <div role="status" className="stack">
      <p>
        In the sample {plural(profile.records, "record")} are {plural(profile.customers, "customer")} ({countText(profile.duplicates)} duplicates inside);{" "}
        {countText(profile.known_already)} are known from other sources.
      </p>
      {profile.kinds.map(({ kind, fields }) => (
        <ul key={kind} className="import-notes">
          {fields
            .filter(({ worst, most_shared_by: shared }) => worst.length > 0 || shared > 5)
            .map(({ field, worst, most_shared_by: shared }) => (
              <li key={field}>
                {fieldText(field)}:{shared > 5 && ` one value is shared by ${countText(shared)}.`}
                {worst.map(({ value, detail, masked }, index) => (
                  <span key={index}>
                    {" "}
                    {masked ? <Shape text={String(value)} /> : <bdi>“{String(value)}”</bdi>} <span className="dim">({detail})</span>
                  </span>
                ))}
              </li>
            ))}
        </ul>
      ))}
    </div>
  );
}
