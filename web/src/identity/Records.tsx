import { Button, Checkbox } from "@mantine/core";
import { useState } from "react";

import { RecordValues } from "../customer/RecordValues.tsx";
import { Moment } from "../kit/Moment.tsx";
import { ReasonForm } from "../kit/ReasonForm.tsx";
import { say } from "../kit/say.tsx";
import { plural } from "../kit/words.ts";
import { type Identity, type SourceRecord, useSplit } from "./identity-queries.ts";

interface Props {
  id: string;
  identity: Identity;
  mayJudge: boolean;
}

/** One row per source record: where it is from, since when it belongs here, and why. */
export function Records({ id, identity, mayJudge }: Props) {
  const [chosen, setChosen] = useState<string[]>([]);
  const [asking, setAsking] = useState(false);
  const split = useSplit(id);
  const mayDetach = mayJudge && identity.records.length > 1;
  const turn = (record: string, on: boolean) =>
    setChosen((before) => (on ? [...before, record] : before.filter((one) => one !== record)));
  const detach = (reason: string) =>
    split.mutate(
      { records: chosen, reason },
      {
        onSuccess: () => {
          say(`${plural(chosen.length, "record")} detached. It can be undone below.`);
          setChosen([]);
          setAsking(false);
        },
      },
    );
  return (
    <section className="identity-part" aria-labelledby="records">
      <h3 id="records">Records</h3>
      <ul className="records">
        {identity.records.map((record) => (
          <RecordRow
            key={record.record}
            record={record}
            box={
              mayDetach ? (
                <Checkbox
                  aria-label={`Choose ${record.source_title} ${record.external_id}`}
                  checked={chosen.includes(record.record)}
                  onChange={(event) => turn(record.record, event.currentTarget.checked)}
                />
              ) : null
            }
          />
        ))}
      </ul>
      {mayDetach && !asking && (
        <div>
          <Button
            variant="default"
            disabled={chosen.length === 0 || chosen.length === identity.records.length}
            onClick={() => setAsking(true)}
          >
            Detach {chosen.length > 0 ? plural(chosen.length, "record") : "chosen records"}
          </Button>
        </div>
      )}
      {asking && (
        <ReasonForm
          title={`Detach ${plural(chosen.length, "record")}`}
          explain="They become a customer of their own again, with their own history. Nothing is deleted, and it can be undone at any time."
          act="Detach"
          mutation={split}
          onSubmit={detach}
          onCancel={() => setAsking(false)}
        />
      )}
    </section>
  );
}

function RecordRow({ record, box }: { record: SourceRecord; box: React.ReactNode }) {
  return (
    <li className="record">
      {box}
      <div className="grow">
        <div className="row wrap record-head">
          <strong>{record.source_title}</strong>
          <span className="dim">
            {record.stream} <bdi>{record.external_id}</bdi>
          </span>
          <span className="grow" />
          <span className="dim">{plural(record.entries, "entry", "entries")}</span>
        </div>
        <p className="record-why">{record.why}</p>
        {record.values.length > 0 && (
          <details className="record-details">
            <summary>What this record says ({plural(record.values.length, "value")})</summary>
            <RecordValues values={record.values} />
          </details>
        )}
        <p className="dim record-when">
          {record.since && (
            <>
              here since <Moment at={record.since} day />
            </>
          )}
          {record.first_seen && (
            <>
              {" "}
              · first seen <Moment at={record.first_seen} day />
            </>
          )}
          {record.last_seen && (
            <>
              {" "}
              · last seen <Moment at={record.last_seen} day />
            </>
          )}
        </p>
      </div>
    </li>
  );
}
