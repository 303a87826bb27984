import { Button, Checkbox, NumberInput, Select } from "@mantine/core";
import { type FormEvent, useState } from "react";

import { type ConnectionBody, type ConnectionState, type ConnectorKind, useCheckConnection, useSaveConnection } from "../api/connections.ts";
import { zoneChoices } from "../kit/places.ts";
import { say } from "../kit/say.tsx";
import { Trouble } from "../kit/Trouble.tsx";
import { plural } from "../kit/words.ts";
import { PushesShown } from "./PushesShown.tsx";
import { SettingsForm, type Values } from "./SettingsForm.tsx";

interface Props {
  kind: ConnectorKind;
  state: ConnectionState;
  /** Whether somebody has to look at it; else it waits folded. */
  open: boolean;
}

/** How a source is reached: its settings, tried before they are kept. */
export function ConnectionPanel({ kind, state, open }: Props) {
  // It must not fold under the hand of who writes in it.
  const [opened] = useState(open);
  const [values, setValues] = useState<Values>(state.settings);
  const [enabled, setEnabled] = useState(state.enabled || state.changed_at === null);
  const [shown, setShown] = useState(state.shown);
  const [zone, setZone] = useState(state.time_zone);
  const [budget, setBudget] = useState<number | "">(state.freshness_seconds === null ? "" : state.freshness_seconds / 60);
  const [zones] = useState(zoneChoices);
  const check = useCheckConnection(state.source);
  const save = useSaveConnection(state.source);
  const body = (): ConnectionBody => ({
    settings: filled(values),
    secrets: {},
    enabled,
    shown,
    time_zone: zone,
    freshness_seconds: budget === "" ? null : Math.round(budget * 60),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    // What was kept makes the form anew, and a callback of this one would not be heard any more.
    save.mutateAsync(body()).then(
      () => say("Kept. The source is read with these settings now."),
      () => undefined,
    );
  };
  return (
    <details className="panel connection" open={opened}>
      <summary>
        <h2 id="connection" className="part-title">
          Connection
        </h2>
        <span className="dim">{summaryOf(state)}</span>
      </summary>
      <form className="stack connection-form" onSubmit={submit} aria-labelledby="connection">
        {kind.freshness === "minutes" && <p className="dim">This kind of source is minutes behind, not seconds.</p>}
        {kind.webhook && <PushesShown slug={state.source} />}
        <SettingsForm kind={kind} values={values} kept={state.secrets} onChange={setValues} slug={state.source} body={body} />
        <div className="settings">
          <Select
            label="Time zone of times without one"
            size="sm"
            data={zones.includes(zone) ? zones : [zone, ...zones]}
            value={zone}
            searchable
            allowDeselect={false}
            onChange={(chosen) => chosen && setZone(chosen)}
          />
          <NumberInput
            label="News are late after (minutes)"
            description="Empty: ten times its own pause, at least a quarter of an hour."
            min={1}
            allowDecimal={false}
            value={budget}
            onChange={(typed) => setBudget(typed === "" ? "" : Number(typed))}
          />
          <Checkbox label="Switched on" checked={enabled} onChange={(event) => setEnabled(event.currentTarget.checked)} />
          <Checkbox
            label="Shown to everybody"
            description="Off: its records are kept and profiled, and no customer changes. Turned off later, its values go, and customers that it joined stay joined; removing the source parts them too."
            checked={shown}
            onChange={(event) => setShown(event.currentTarget.checked)}
          />
        </div>
        {check.isError && <Trouble error={check.error} what="The settings could not be tried" />}
        {save.isError && <Trouble error={save.error} what="The settings were not kept" />}
        {check.data && (
          <p role="status" className={check.data.works ? "works" : "works-not"}>
            {check.data.works
              ? check.data.streams.length > 0
                ? `It works: ${plural(check.data.streams.length, "stream")} (${check.data.streams.map(({ title }) => title).slice(0, 12).join(", ")}).`
                : "The settings are complete."
              : check.data.detail}
          </p>
        )}
        <div className="row wrap">
          <Button type="submit" loading={save.isPending}>
            Keep and read
          </Button>
          <Button variant="default" loading={check.isPending} onClick={() => check.mutate(body())}>
            Try
          </Button>
        </div>
      </form>
    </details>
  );
}

function summaryOf({ changed_at: changed, enabled, shown }: ConnectionState): string {
  if (changed === null) return "";
  return `${enabled ? "switched on" : "switched off"}, ${shown ? "shown to everybody" : "shown to nobody"}`;
}

function filled(values: Values): Values {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined && value !== ""));
}
