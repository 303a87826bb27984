import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";

import { streamsQuery, type StreamState, useReread } from "../api/connections.ts";
import { Moment } from "../kit/Moment.tsx";
import { say } from "../kit/say.tsx";
import { TableScroll } from "../kit/TableScroll.tsx";
import { Tag } from "../kit/Tag.tsx";
import { Trouble } from "../kit/Trouble.tsx";
import { countText, plural } from "../kit/words.ts";

interface Props {
  slug: string;
  /** Whether its streams are read by Regard, and can be read again. */
  reads: boolean;
}

/** What a source has: how far each stream was read, what its records mean, what went wrong. */
export function StreamTable({ slug, reads }: Props) {
  const answer = useQuery(streamsQuery(slug));
  const reread = useReread(slug);
  const streams = answer.data?.streams ?? [];
  if (answer.isError) return <Trouble error={answer.error} what="The streams could not be loaded" onRetry={() => void answer.refetch()} />;
  if (streams.length === 0) return answer.data && reads ? <p className="panel source-none dim">No records have come yet.</p> : null;
  return (
    <section className="panel stack streams" aria-labelledby="streams">
      <h2 id="streams" className="part-title">
        Streams
      </h2>
      {reread.isError && <Trouble error={reread.error} what="It could not be read again" />}
      <TableScroll label="Streams">
        <table className="table stacked">
          <thead>
            <tr>
              <th scope="col">Stream</th>
              <th scope="col" data-align="right">Records</th>
              <th scope="col">Last news</th>
              <th scope="col">Meaning</th>
              <th scope="col">State</th>
              {reads && <th scope="col">Again</th>}
            </tr>
          </thead>
          <tbody>
            {streams.map((stream) => (
              <tr key={stream.stream}>
                <th scope="row">
                  <bdi>{stream.title}</bdi>
                </th>
                <td data-align="right" data-label="Records">{countText(stream.records)}</td>
                <td data-label="Last news">{stream.new_at ? <Moment at={stream.new_at} /> : <span className="dim">nothing yet</span>}</td>
                <td data-label="Meaning">
                  <Link
                    to="/sources/$slug"
                    params={{ slug }}
                    search={{ stream: stream.stream }}
                    resetScroll={false}
                    aria-label={`${stream.title}: ${meaning(stream)}`}
                  >
                    {meaning(stream)}
                  </Link>
                </td>
                <td className="stream-state" data-label="State">
                  <StreamWord stream={stream} />
                </td>
                {reads && (
                  <td>
                    <Button
                      size="compact-sm"
                      variant="subtle"
                      color="gray"
                      aria-label={`Read ${stream.title} again`}
                      onClick={() => reread.mutate(stream.stream, { onSuccess: () => say(`${stream.title} is read again from its beginning.`) })}
                    >
                      Read again
                    </Button>
                  </td>
                )}
              </tr>
            ))}
          </tbody>
        </table>
      </TableScroll>
    </section>
  );
}

function meaning({ mapping }: StreamState): string {
  if (mapping === null) return "Not mapped yet";
  return mapping.shipped ? "As shipped" : `Your mapping, version ${mapping.number}`;
}

function StreamWord({ stream }: { stream: StreamState }) {
  if (stream.error) {
    return (
      <>
        <Tag tone="danger">Failing</Tag> {stream.error.detail}
        {stream.error.retry_at && (
          <span className="dim">
            {" "}
            Next try <Moment at={stream.error.retry_at} />
          </span>
        )}
      </>
    );
  }
  if (stream.waiting_for_mapping > 0 && stream.mapping) return <>{countText(stream.waiting_for_mapping)} are read with the new mapping …</>;
  if (stream.reading_everything_since) return <>Everything is being read …</>;
  if (stream.quarantined > 0) return <Tag tone="warn">{countText(stream.quarantined)} in quarantine</Tag>;
  if (stream.held) return <Tag tone="danger">{plural(stream.held.records, "record")} waiting</Tag>;
  if (!stream.mapping && stream.records > 0) return <Tag tone="warn">Read, and means nothing yet</Tag>;
  return <span className="dim">{stream.records > 0 ? "well" : "nothing yet"}</span>;
}
