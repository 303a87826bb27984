import { Button } from "@mantine/core";
import { type ErrorComponentProps, Link } from "@tanstack/react-router";

import { Trouble } from "../kit/Trouble.tsx";

/** Last resort of a screen that failed to draw. */
export function CrashNote({ error, reset }: ErrorComponentProps) {
  return (
    <div className="page">
      <Trouble error={error instanceof Error ? error : new Error(String(error))} what="This screen could not be drawn" onRetry={reset} />
    </div>
  );
}

export function NoSuchPage() {
  return (
    <main className="page stack">
      <h1 className="page-title">There is no such page</h1>
      <p className="dim">The address may be mistyped, or the page was moved.</p>
      <div>
        <Button renderRoot={(props) => <Link to="/customers" search={{}} {...props} />}>To the customers</Button>
      </div>
    </main>
  );
}
