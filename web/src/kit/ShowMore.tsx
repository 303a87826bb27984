import { Button } from "@mantine/core";

/** What this file needs of an answer that comes in pages. */
export interface Paged {
  hasNextPage: boolean;
  isFetchingNextPage: boolean;
  fetchNextPage: () => Promise<unknown>;
}

/** The next page of a list, as long as there is one. */
export function ShowMore({ answer }: { answer: Paged }) {
  if (!answer.hasNextPage) return null;
  return (
    <div>
      <Button variant="default" loading={answer.isFetchingNextPage} onClick={() => void answer.fetchNextPage()}>
        Show more
      </Button>
    </div>
  );
}
