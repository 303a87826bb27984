import "../styles/customer.css";
import "../styles/cards.css";

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { lazy, Suspense, useEffect, useState } from "react";

import type { CustomerView } from "../api/types.ts";
import { Problem } from "../api/problem.ts";
import { Late, Skeleton } from "../kit/Late.tsx";
import { Trouble } from "../kit/Trouble.tsx";
import { useTitle } from "../kit/use-title.ts";
import { useSession } from "../session/session.ts";
import { useShortcuts } from "../shell/shortcuts.ts";
import { Alerts } from "./Alerts.tsx";
import { CustomerContext } from "./customer-context.ts";
import { useLiveCustomer, viewQuery } from "./customer-queries.ts";
import { Header } from "./Header.tsx";
import { Regions } from "./Regions.tsx";
import { Vitals } from "./Vitals.tsx";
import { Withheld } from "./Withheld.tsx";

const IdentityDrawer = lazy(async () => ({ default: (await import("../identity/IdentityDrawer.tsx")).IdentityDrawer }));

const route = getRouteApi("/shell/customers/$id");

export function CustomerPage() {
  const { id } = route.useParams();
  const answer = useQuery(viewQuery(id));
  const view = answer.data;
  useLiveCustomer(view, id);
  useTitle(view?.header.name.value);
  useOwnAddress(id, view);

  if (view) {
    return (
      <>
        {answer.isError && (
          <div className="customer-note">
            <Trouble error={answer.error} what="This page could not be brought up to date" onRetry={() => void answer.refetch()} retrying={answer.isFetching} />
          </div>
        )}
        <Page key={`${view.id} ${view.role}`} view={view} asked={id} />
      </>
    );
  }
  if (answer.isError) return <NotShown error={answer.error} retry={() => void answer.refetch()} retrying={answer.isFetching} />;
  return (
    <Late>
      <div className="customer-page stack">
        <Skeleton height={150} />
        <Skeleton height={420} />
      </div>
    </Late>
  );
}

function Page({ view, asked }: { view: CustomerView; asked: string }) {
  const [why, showWhy, hideWhy] = useWhy();
  const [opened, setOpened] = useState<string | null>(null);
  useShortcuts({ i: showWhy });
  return (
    <CustomerContext value={{ id: asked, view, opened, open: setOpened, showIdentity: showWhy }}>
      <article className="customer-page">
        <Header view={view} />
        <Vitals vitals={view.vitals} />
        <Alerts alerts={view.alerts} />
        <Regions view={view} />
        <Withheld withheld={view.withheld} />
      </article>
      {why && (
        <Suspense fallback={null}>
          <IdentityDrawer id={asked} name={view.header.name.value} onClose={hideWhy} />
        </Suspense>
      )}
    </CustomerContext>
  );
}

function NotShown({ error, retry, retrying }: { error: Error; retry: () => void; retrying: boolean }) {
  const session = useSession();
  const refused = error instanceof Problem && error.status === 403;
  const role = session?.roles.find(({ id }) => id === session.role)?.title;
  return (
    <div className="page stack">
      <Trouble
        error={error}
        what={refused ? `Your role${role ? `, ${role},` : ""} does not open customers` : "This customer cannot be shown"}
        onRetry={refused ? undefined : retry}
        retrying={retrying}
      />
    </div>
  );
}

/** Whether the reasons are open stands in the address: it survives a change of id, and Back closes them. */
function useWhy(): [boolean, () => void, () => void] {
  const { why } = route.useSearch();
  const navigate = route.useNavigate();
  const show = () => void navigate({ search: (kept) => ({ ...kept, why: "open" }), resetScroll: false });
  const hide = () =>
    void navigate({ search: ({ why: _, ...kept }) => kept, replace: true, resetScroll: false });
  return [why !== undefined, show, hide];
}

/** Any id that ever named a customer opens it; the address then says the id of today. */
function useOwnAddress(id: string, view: CustomerView | undefined): void {
  const navigate = useNavigate();
  const client = useQueryClient();
  useEffect(() => {
    if (!view || view.id === id) return;
    client.setQueryData(viewQuery(view.id).queryKey, view);
    void navigate({ to: "/customers/$id", params: { id: view.id }, search: (kept) => kept, replace: true });
  }, [id, view, client, navigate]);
}
