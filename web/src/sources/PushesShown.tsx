import { useQuery } from "@tanstack/react-query";

import { pushesQuery } from "../api/connections.ts";
import { Copyable } from "../kit/Copyable.tsx";
import { Moment } from "../kit/Moment.tsx";
import { plural } from "../kit/words.ts";

/** Where the sender pushes to, what was turned away and why, and what waits to be fetched. */
export function PushesShown({ slug }: { slug: string }) {
  const pushes = useQuery(pushesQuery(slug)).data;
  if (!pushes?.address) return null;
  return (
    <div className="stack">
      <p className="dim">The sender pushes its news to this address. What proves them: {pushes.scheme}.</p>
      <Copyable label="Address for the sender" text={pushes.secret_in_address ? `${pushes.address}/<the secret>` : pushes.address} />
      {pushes.without_effect.length > 0 && (
        <ul className="import-notes">
          {pushes.without_effect.map(({ code, requests, detail, last_at: at }) => (
            <li key={code}>
              {plural(requests, "request")} without effect, the last <Moment at={at} />: {detail}
            </li>
          ))}
        </ul>
      )}
      {pushes.waiting > 0 && <p>{plural(pushes.waiting, "record")} named by pushes wait to be fetched.</p>}
      {pushes.failing_detail && <p className="works-not">{pushes.failing_detail}</p>}
    </div>
  );
}
