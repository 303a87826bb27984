import { queryOptions, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";

import { request, requestIfChanged } from "../api/request.ts";
import type { CustomerView, Provenance } from "../api/types.ts";
import { say } from "../kit/say.tsx";
import { liveChannel } from "../live/live-channel.ts";
import { isNewer } from "../live/live-types.ts";

const path = (id: string) => `/customers/${encodeURIComponent(id)}`;

export function viewQuery(id: string) {
  return queryOptions({
    queryKey: ["customer", id, "view"],
    queryFn: ({ signal }) => requestIfChanged<CustomerView>(path(id), { signal }),
    staleTime: 2_000,
  });
}

export function provenanceQuery(id: string, field: string) {
  return queryOptions({
    queryKey: ["customer", id, "provenance", field],
    queryFn: ({ signal }) => request<Provenance>(`${path(id)}/provenance/${encodeURIComponent(field)}`, { signal }),
  });
}

/** Keeps what is shown of a customer in step with the live stream; older news than the screen is ignored. */
export function useLiveCustomer(view: CustomerView | undefined, asked: string): void {
  const client = useQueryClient();
  const shown = useRef(view?.version);
  shown.current = view?.version;
  const id = view?.id;
  useEffect(() => {
    if (!id) return;
    let asking = false;
    let again = false;
    const refresh = async () => {
      if (asking) {
        again = true;
        return;
      }
      asking = true;
      // Every open block of this customer asks at once; an unchanged one answers 304 and draws nothing.
      await client.refetchQueries({ queryKey: ["customer", asked], type: "active" });
      asking = false;
      if (again) {
        again = false;
        void refresh();
      }
    };
    return liveChannel.watch(id, (change) => {
      const before = shown.current;
      if (change && before !== undefined && !isNewer(change.version, before)) return;
      if (change) say("This customer was updated", { live: true });
      void refresh();
    });
  }, [id, asked, client]);
}
