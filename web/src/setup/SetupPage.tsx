import "../styles/entrance.css";

import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { Check } from "lucide-react";
import { useState } from "react";

import { setupQuery } from "../api/setup.ts";
import { DropFile } from "../imports/DropFile.tsx";
import { Trouble } from "../kit/Trouble.tsx";
import { useTitle } from "../kit/use-title.ts";
import { useSession } from "../session/session.ts";
import { Mark } from "../shell/Mark.tsx";
import { KeyNote } from "../sources/KeyNote.tsx";
import { NewSourceForm } from "../sources/NewSourceForm.tsx";
import { AdministratorForm } from "./AdministratorForm.tsx";
import { FirstCustomers } from "./FirstCustomers.tsx";

const STEPS = ["Administrator", "First source", "First customers"];

/** The first minutes of an empty installation: who runs it, where data comes from, whom it finds. */
export function SetupPage() {
  const setup = useQuery(setupQuery);
  const session = useSession();
  const [step, setStep] = useState<number | null>(null);
  useTitle("Welcome");
  const now = step ?? (session?.signed_in ? 1 : 0);
  return (
    <main className="entrance">
      <div className="entrance-box setup-box panel">
        <div className="row entrance-brand">
          <Mark size={30} />
          <h1>Welcome to Regard</h1>
        </div>
        <ol className="steps">
          {STEPS.map((title, index) => (
            <li key={title} className="step" data-state={index < now ? "done" : index === now ? "now" : "next"} aria-current={index === now ? "step" : undefined}>
              {index < now && <Check size={14} aria-label="Done:" />}
              {title}
            </li>
          ))}
        </ol>
        {setup.isError && <Trouble error={setup.error} what="Regard does not answer" onRetry={() => void setup.refetch()} />}
        {setup.data && now === 0 && <First needed={setup.data.needed} onMade={() => setStep(1)} />}
        {now === 1 && <FirstSource onDone={() => setStep(2)} />}
        {now === 2 && <FirstCustomers onBack={() => setStep(1)} />}
      </div>
    </main>
  );
}

function First({ needed, onMade }: { needed: boolean; onMade: () => void }) {
  if (needed) return <AdministratorForm onMade={onMade} />;
  return (
    <div className="stack">
      <p>This installation has its administrator already.</p>
      <div>
        <Button renderRoot={(props) => <Link to="/sign-in" search={{}} {...props} />}>Sign in</Button>
      </div>
    </div>
  );
}

/** Two ways to a first source; either is enough. */
function FirstSource({ onDone }: { onDone: () => void }) {
  const navigate = useNavigate();
  const [made, setMade] = useState<string | null>(null);
  return (
    <div className="stack">
      <section className="stack" aria-labelledby="by-file">
        <h2 id="by-file" className="part-title">
          Drop a file
        </h2>
        <DropFile onReady={(id) => void navigate({ to: "/imports/$id", params: { id } })} />
      </section>
      <section className="stack" aria-labelledby="by-key">
        <h2 id="by-key" className="part-title">
          Or connect a system
        </h2>
        {made ? (
          <KeyNote slug={made} />
        ) : (
          <NewSourceForm onMade={({ slug }) => setMade(slug)} onReached={(slug) => void navigate({ to: "/sources/$slug", params: { slug } })} />
        )}
      </section>
      <div>
        <Button variant={made ? "filled" : "default"} onClick={onDone}>
          {made ? "See the first customers" : "Later"}
        </Button>
      </div>
    </div>
  );
}
