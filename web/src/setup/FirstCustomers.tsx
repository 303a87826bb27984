import "../styles/search.css";

import { Button, Loader } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";

import { Problem } from "../api/problem.ts";
import { request } from "../api/request.ts";
import type { SearchPage } from "../api/types.ts";
import { Trouble } from "../kit/Trouble.tsx";
import { plural } from "../kit/words.ts";
import { ResultLine } from "../search/ResultLine.tsx";
import { useSession, useSwitchRole } from "../session/session.ts";

const AGAIN = 2_000; // ms
const FIRST = 5;

/** Watches the first customers come in; the administrator sees their number, other roles see them. */
export function FirstCustomers({ onBack }: { onBack: () => void }) {
  const session = useSession();
  const health = useQuery({
    queryKey: ["health"],
    queryFn: ({ signal }) => request<{ customers: number }>("/health", { signal }),
    refetchInterval: AGAIN,
  });
  const first = useQuery({
    queryKey: ["search", "first", health.data?.customers],
    queryFn: ({ signal }) => request<SearchPage>("/customers", { query: { limit: FIRST }, signal }),
    enabled: (health.data?.customers ?? 0) > 0,
  });
  const count = health.data?.customers ?? 0;
  const refused = first.error instanceof Problem && first.error.status === 403;

  return (
    <div className="stack">
      {count === 0 && (
        <p className="row" role="status">
          <Loader size={14} aria-hidden /> Waiting for the first event. This page looks again by itself.
        </p>
      )}
      {count > 0 && (
        <p role="status">
          <strong>{plural(count, "customer")}</strong> so far.
        </p>
      )}
      {first.data && (
        <ul className="panel setup-first">
          {first.data.results.map((hit) => (
            <li key={hit.id}>
              <Link to="/customers/$id" params={{ id: hit.id }} search={{}} className="hit">
                <ResultLine result={hit} />
              </Link>
            </li>
          ))}
        </ul>
      )}
      {refused && <OtherRoles />}
      {first.isError && !refused && <Trouble error={first.error} what="They could not be shown" onRetry={() => void first.refetch()} />}
      <div className="row wrap">
        <Button renderRoot={(props) => <Link to="/" {...props} />}>
          {session?.may.includes("customers") ? "Open all customers" : "Open Regard"}
        </Button>
        <Button variant="default" onClick={onBack}>
          Add another source
        </Button>
      </div>
    </div>
  );
}

/** An administrator configures and sees no customer; whoever has another role may take it here. */
function OtherRoles() {
  const session = useSession();
  const change = useSwitchRole();
  const others = session?.roles.filter(({ id }) => id !== session.role) ?? [];
  return (
    <div className="stack">
      <p className="dim">The role you work in configures Regard and sees no customer data.</p>
      {change.isError && <Trouble error={change.error} what="The role could not be changed" />}
      <div className="row wrap">
        {others.map((role) => (
          <Button key={role.id} variant="default" loading={change.isPending} onClick={() => change.mutate(role.id)}>
            Work as {role.title}
          </Button>
        ))}
      </div>
    </div>
  );
}
