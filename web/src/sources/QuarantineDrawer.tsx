import { Drawer } from "@mantine/core";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";

import { importsQuery } from "../api/imports.ts";
import { quarantineQuery, type Source } from "../api/sources.ts";
import { Late, Skeleton } from "../kit/Late.tsx";
import { ShowMore } from "../kit/ShowMore.tsx";
import { Trouble } from "../kit/Trouble.tsx";
import { plural } from "../kit/words.ts";
import { QuarantinedItem } from "./QuarantinedItem.tsx";

/** What a source sent that could not be accepted; nothing of it is lost. */
export function QuarantineDrawer({ source, onClose }: { source: Source; onClose: () => void }) {
  const answer = useInfiniteQuery(quarantineQuery(source.slug));
  const items = answer.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <Drawer
      opened
      onClose={onClose}
      position="right"
      size={560}
      title={`Quarantine of ${source.title}`}
      closeButtonProps={{ "aria-label": "Close" }}
      transitionProps={{ duration: 0 }}
    >
      <div className="stack">
        <p className="dim">Kept sealed as it came, with the reason. Mend the cause, then retry; or send a corrected item in its place.</p>
        {answer.isError && (
          <Trouble error={answer.error} what="The quarantine could not be loaded" onRetry={() => void answer.refetch()} />
        )}
        {answer.isPending && (
          <Late>
            <Skeleton height={84} lines={4} />
          </Late>
        )}
        {source.quarantined_in_imports > 0 && <OfFiles source={source} />}
        {answer.data && items.length === 0 && source.quarantined_in_imports === 0 && <p>Nothing is waiting here.</p>}
        <ul className="stack">
          {items.map((item) => (
            <QuarantinedItem key={item.id} slug={source.slug} item={item} />
          ))}
        </ul>
        <ShowMore answer={answer} />
      </div>
    </Drawer>
  );
}

/** Rows of files are mended in the file and imported again; each import shows its own. */
function OfFiles({ source }: { source: Source }) {
  const imports = useQuery(importsQuery).data?.imports ?? [];
  const mine = imports.filter((one) => one.source === source.slug && (one.account?.quarantined ?? 0) > 0);
  return (
    <div className="panel quarantined">
      <p>{plural(source.quarantined_in_imports, "row")} of imported files could not be taken. Mend them in the file, and import it again.</p>
      <ul className="import-notes">
        {mine.map(({ id, filename, account }) => (
          <li key={id}>
            <Link to="/imports/$id" params={{ id }}>
              {plural(account?.quarantined ?? 0, "row")} of <bdi>{filename}</bdi>
            </Link>
          </li>
        ))}
      </ul>
    </div>
  );
}
