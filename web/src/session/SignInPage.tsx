import "../styles/entrance.css";

import { Button, PasswordInput, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Navigate, useNavigate } from "@tanstack/react-router";
import { ArrowRight } from "lucide-react";
import { type FormEvent, useState } from "react";

import { setupQuery } from "../api/setup.ts";
import { Trouble } from "../kit/Trouble.tsx";
import { useTitle } from "../kit/use-title.ts";
import { Mark } from "../shell/Mark.tsx";
import { type DemoSignIn, sessionQuery, useSignIn } from "./session.ts";

const route = getRouteApi("/sign-in");

export function SignInPage() {
  const { then } = route.useSearch();
  const navigate = useNavigate();
  const session = useQuery(sessionQuery);
  const setup = useQuery(setupQuery);
  const signIn = useSignIn();
  const [username, setUsername] = useState("");
  const [password, setPassword] = useState("");
  useTitle("Sign in");

  if (setup.data?.needed) return <Navigate to="/setup" />;

  const enter = (who: { username: string; password: string }) =>
    signIn.mutate(who, { onSuccess: () => void navigate({ href: ownPath(then) }) });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    enter({ username, password });
  };
  const demo = session.data?.demo ?? [];

  return (
    <main className="entrance">
      <div className="entrance-box panel">
        <div className="row entrance-brand">
          <Mark size={30} />
          <h1>Sign in to Regard</h1>
        </div>
        {demo.length > 0 && <DemoSignIns demo={demo} busy={signIn.isPending} onEnter={enter} />}
        <form onSubmit={submit} className="stack">
          <TextInput
            label="User name"
            autoComplete="username"
            required
            withAsterisk={false}
            value={username}
            onChange={(event) => setUsername(event.currentTarget.value)}
          />
          <PasswordInput
            label="Password"
            autoComplete="current-password"
            required
            withAsterisk={false}
            value={password}
            onChange={(event) => setPassword(event.currentTarget.value)}
          />
          {signIn.isError && <Trouble error={signIn.error} what="You could not be signed in" />}
          {setup.isError && session.isError && (
            <Trouble error={session.error} what="Regard does not answer" onRetry={() => void session.refetch()} />
          )}
          <Button type="submit" size="sm" loading={signIn.isPending}>
            Sign in
          </Button>
        </form>
      </div>
    </main>
  );
}

interface DemoProps {
  demo: DemoSignIn[];
  busy: boolean;
  onEnter: (who: { username: string; password: string }) => void;
}

function DemoSignIns({ demo, busy, onEnter }: DemoProps) {
  return (
    <section aria-labelledby="demo-title" className="stack demo">
      <div>
        <h2 id="demo-title">Look around as</h2>
        <p className="dim">This is a demo with made-up customers. Each role sees another desktop.</p>
      </div>
      <ul className="demo-list">
        {demo.map((who) => (
          <li key={who.username}>
            <button type="button" className="demo-button" disabled={busy} onClick={() => onEnter(who)}>
              <span className="grow">
                <strong>{who.title}</strong>
                <span className="dim cut">{who.name}</span>
              </span>
              <ArrowRight size={15} aria-hidden />
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** Only a path of this site is followed after signing in, never a foreign address. */
function ownPath(then: string | undefined): string {
  return then && /^\/(?![/\\])/.test(then) ? then : "/";
}
