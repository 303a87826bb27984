import { Button } from "@mantine/core";
import { useState } from "react";

import { useRevert } from "../api/imports.ts";
import { Trouble } from "../kit/Trouble.tsx";

/** Takes the whole import back, after a second question. */
export function TakeBack({ id }: { id: string }) {
  const [asked, setAsked] = useState(false);
  const revert = useRevert(id);
  if (!asked) {
    return (
      <Button variant="default" onClick={() => setAsked(true)}>
        Take it back
      </Button>
    );
  }
  return (
    <div className="panel import-work" role="group" aria-label="Take the import back">
      <p>Everything that this import stored is taken back. Customers are then what they would be without it; the file can be imported again.</p>
      {revert.isError && <Trouble error={revert.error} what="It could not be taken back" />}
      <div className="row wrap">
        <Button color="red" loading={revert.isPending} onClick={() => revert.mutate(undefined, { onSuccess: () => setAsked(false) })}>
          Take everything back
        </Button>
        <Button variant="default" data-autofocus onClick={() => setAsked(false)}>
          Leave it
        </Button>
      </div>
    </div>
  );
}
