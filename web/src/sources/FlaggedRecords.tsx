import { Button } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";

import { flaggedQuery } from "../api/connections.ts";
import { PagedTable } from "../kit/PagedTable.tsx";

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
      <PagedTable
        answer={answer}
        label="Records behind the figure"
        heads={["Customer", "Record", "Value", "Better"]}
        rows={records}
        failed="The records could not be loaded"
        cells={({ stream, id, customer, values }) => (
          <>
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
              <Lines texts={values.map(({ value }) => value)} />
            </td>
            <td>
              <Lines texts={values.map(({ suggestion }) => suggestion)} />
            </td>
          </>
        )}
      />
    </div>
  );
}

function Lines({ texts }: { texts: (string | null)[] }) {
  return texts.map((text, index) => (
    <bdi key={index} className="became-part">
      {text}
    </bdi>
  ));
}
