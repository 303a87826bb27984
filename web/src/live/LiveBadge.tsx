import { Tooltip } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useSyncExternalStore } from "react";

import { request } from "../api/request.ts";
import { clockText } from "../kit/words.ts";
import { liveChannel } from "./live-channel.ts";
import type { LiveState } from "./live-types.ts";

const ASK = 15_000; // ms

interface Shown {
  tone: "good" | "warn" | "danger";
  word: string;
  hint: string;
}

/** Live, Reconnecting or Offline, in words; when not live, the time of what is on the screen. */
export function LiveBadge() {
  const stream = useSyncExternalStore(liveChannel.subscribe, liveChannel.current);
  const health = useQuery({
    queryKey: ["health"],
    queryFn: ({ signal }) => request<{ lag_seconds?: number }>("/health", { signal }),
    refetchInterval: ASK,
    retry: false,
  });
  // A stream that opened after the last failed question proves that the server is back.
  const provenBack = stream.word === "live" && stream.since >= health.errorUpdatedAt;
  const shown = badge(stream, health.isError && !provenBack, health.dataUpdatedAt);
  return (
    <Tooltip label={shown.hint}>
      <span className="live-badge" data-tone={shown.tone} role="status" tabIndex={0}>
        <span className="live-dot" aria-hidden />
        <span className="live-word">{shown.word}</span>
      </span>
    </Tooltip>
  );
}

function badge(stream: LiveState, unreachable: boolean, heard: number): Shown {
  const asOf = heard ? `as of ${clockText(new Date(heard))}` : "";
  if (unreachable || stream.word === "offline") {
    return { tone: "danger", word: `Offline, ${asOf || "no data yet"}`, hint: "The server cannot be reached. What you see stays readable." };
  }
  if (stream.word === "reconnecting") {
    return { tone: "warn", word: `Reconnecting, ${asOf}`, hint: "The live stream broke off and is being opened again." };
  }
  if (stream.word === "polling") {
    return { tone: "good", word: "Every 10 s", hint: `This browser can share no live stream here, so the page asks every ten seconds (${asOf}).` };
  }
  return { tone: "good", word: "Live", hint: `What you see follows the sources by itself (${asOf}).` };
}
