import { Button } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";

import { flaggedQuery } from "../api/connections.ts";
import { Trouble } from "../kit/Trouble.tsx";

interface Props {
  slug: string;
  flag: string;
  onClose: () => void;
}

/** The records behind one figure: the value as the source has it, and what was probably meant. */
export function FlaggedRecords({ slug, flag, onClose }: Props) {
  const answer = useInfiniteQuery(flaggedQuery(slug, flag));
  const [first] = answer.data?.pages ?? [];
  const records = answer.data?.pages.flatMap((page) => page.records) ?? [];
  return (
    <div className="stack flagged" role="status">
      <div className="row wrap">
        <h3 className="part-title grow">
          {first ? `${first.label}: ${first.detail ?? "these records"}` : "Records"}
        </h3>
        <Button variant="subtle" color="gray" size="compact-sm" onClick={onClose}>
          Close the list
        </Button>
      </div>
      {answer.isError && <Trouble error={answer.error} what="The records could not be loaded" />}
      {records.length > 0 && (
        <div className="table-scroll" tabIndex={0} role="region" aria-label="Records behind the figure">
          <table className="table">
            <thead>
              <tr>
                <th scope="col">Customer</th>
                <th scope="col">Record</th>
                <th scope="col">Value</th>
                <th scope="col">Better</th>
              </tr>
            </thead>
            <tbody>
              {records.map(({ stream, id, customer, values }, index) => (
                <tr key={index}>
                  <td>
                    {customer && (
                      <Link to="/customers/$id" params={{ id: customer.id }}>
                        <bdi>{customer.name}</bdi>
                      </Link>
                    )}
                  </td>
                  <td className="dim">
                    {stream} <bdi>{id}</bdi>
                  </td>
                  <td>
                    {values.map(({ value }, at) => (
                      <bdi key={at} className="became-part">
                        {value}
                      </bdi>
                    ))}
                  </td>
                  <td>
                    {values.map(({ suggestion }, at) => (
                      <bdi key={at} className="became-part">
                        {suggestion}
                      </bdi>
                    ))}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {answer.hasNextPage && (
        <div>
          <Button variant="default" loading={answer.isFetchingNextPage} onClick={() => void answer.fetchNextPage()}>
            Show more
          </Button>
        </div>
      )}
    </div>
  );
}
