import { Drawer } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";

import { quarantineQuery, type Source } from "../api/sources.ts";
import { Late, Skeleton } from "../kit/Late.tsx";
import { ShowMore } from "../kit/ShowMore.tsx";
import { Trouble } from "../kit/Trouble.tsx";
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
        {answer.data && items.length === 0 && <p>Nothing is waiting here.</p>}
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
