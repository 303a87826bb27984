import { Button } from "@mantine/core";
import { CircleAlert, RotateCw } from "lucide-react";

import { Problem } from "../api/problem.ts";

interface Props {
  error: Error;
  onRetry?: (() => void) | undefined;
  retrying?: boolean;
  /** What did not happen, e.g. "The timeline could not be loaded". */
  what: string;
}

/** A failure, shown where it happened: what, why, what to do. The rest of the page goes on. */
export function Trouble({ error, onRetry, retrying = false, what }: Props) {
  const problem = error instanceof Problem ? error : null;
  return (
    <div className="trouble" role="alert">
      <CircleAlert size={16} aria-hidden />
      <div className="grow">
        <strong>{what}</strong>
        <p className="dim">
          {problem ? `${problem.title}${problem.detail ? `. ${problem.detail}` : ""}` : error.message}
        </p>
        {problem?.requestId && <p className="dim trouble-id">Request {problem.requestId}</p>}
      </div>
      {onRetry && (
        <Button variant="default" size="compact-sm" leftSection={<RotateCw size={13} aria-hidden />} loading={retrying} onClick={onRetry}>
          Retry
        </Button>
      )}
    </div>
  );
}
