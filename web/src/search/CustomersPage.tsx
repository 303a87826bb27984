import "../styles/search.css";

import { Button, TextInput } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { useInfiniteQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { Search } from "lucide-react";
import { useEffect, useRef, useState } from "react";

import { queryText } from "../api/request.ts";
import type { SearchResult } from "../api/types.ts";
import { Late, Skeleton } from "../kit/Late.tsx";
import { moveFocus } from "../kit/move-focus.ts";
import { ShowMore } from "../kit/ShowMore.tsx";
import { Trouble } from "../kit/Trouble.tsx";
import { useTitle } from "../kit/use-title.ts";
import { useMay } from "../session/session.ts";
import { useShortcuts } from "../shell/shortcuts.ts";
import { listSearch } from "./customer-search.ts";
import { NoHits } from "./NoHits.tsx";
import { ResultLine } from "./ResultLine.tsx";

const route = getRouteApi("/shell/customers");

/** All customers, or those that a search in the address finds. */
export function CustomersPage() {
  const { q = "" } = route.useSearch();
  const [text, setText] = useSearchText(q);
  const answer = useInfiniteQuery(listSearch(q));
  const mayExport = useMay("export");
  const list = useRef<HTMLUListElement>(null);
  const hits = answer.data?.pages.flatMap((page) => page.results) ?? [];
  useTitle(q ? `Search: ${q}` : "Customers");
  useShortcuts({
    j: () => moveFocus(list.current, "a", 1),
    k: () => moveFocus(list.current, "a", -1),
  });

  return (
    <div className="page stack">
      <div className="row wrap customers-head">
        <h1 className="page-title grow">Customers</h1>
        {mayExport && (
          <a className="export-link" href={`/api/v1/customers.csv${queryText({ q })}`} download>
            Download as CSV
          </a>
        )}
      </div>
      <TextInput
        type="search"
        aria-label="Search customers"
        placeholder="Name, email, phone, order, ticket"
        leftSection={<Search size={15} aria-hidden />}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      {answer.isError && (
        <Trouble error={answer.error} what="The list could not be loaded" onRetry={() => void answer.refetch()} retrying={answer.isFetching} />
      )}
      {answer.isPending && (
        <Late>
          <Skeleton height={44} lines={8} />
        </Late>
      )}
      {!q && hits.length > 1 && <p className="dim">Those whose data changed most recently come first.</p>}
      {hits.length > 0 && (
        <ul className="panel hit-list" ref={list} data-behind={answer.isPlaceholderData || undefined}>
          {hits.map((hit) => (
            <CustomerRow key={hit.id} hit={hit} />
          ))}
        </ul>
      )}
      {answer.data && hits.length === 0 && <Nobody q={q} searched={answer.data.pages[0]?.searched ?? []} />}
      <ShowMore answer={answer} />
    </div>
  );
}

function CustomerRow({ hit }: { hit: SearchResult }) {
  return (
    <li>
      <Link to="/customers/$id" params={{ id: hit.id }} search={{}} className="hit">
        <ResultLine result={hit} />
      </Link>
    </li>
  );
}

function Nobody({ q, searched }: { q: string; searched: string[] }) {
  if (q) return <NoHits text={q} searched={searched} />;
  return (
    <div className="panel first-step">
      <p>No customers yet. They appear by themselves as soon as a source sends something.</p>
      <div className="row wrap">
        <Button renderRoot={(props) => <Link to="/imports" {...props} />}>Import a file</Button>
        <Button variant="default" renderRoot={(props) => <Link to="/sources" search={{}} {...props} />}>
          Add a source
        </Button>
      </div>
    </div>
  );
}

/** The typed text, in step with the address in both directions. */
function useSearchText(q: string): [string, (text: string) => void] {
  const navigate = route.useNavigate();
  const [text, setText] = useState(q);
  const sent = useRef(q);
  const send = useDebouncedCallback((wanted: string) => {
    sent.current = wanted;
    void navigate({ search: wanted ? { q: wanted } : {}, replace: true });
  }, 120);
  useEffect(() => {
    if (q !== sent.current) setText(q);
    sent.current = q;
  }, [q]);
  return [
    text,
    (typed) => {
      setText(typed);
      send(typed.trim());
    },
  ];
}
