import { Button } from "@mantine/core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";

import { type Comparison as Compared, comparisonQuery } from "../api/imports.ts";
import { TableScroll } from "../kit/TableScroll.tsx";
import { Trouble } from "../kit/Trouble.tsx";
import { countText, plural } from "../kit/words.ts";

const SIGNS = { same: "", different: "differs", missing: "is missing" } as const;

/** Old against new for some rows: what the file says beside what stands today. */
export function Comparison({ id }: { id: string }) {
  const [seed, setSeed] = useState<number | null>(null);
  const answer = useQuery({ ...comparisonQuery(id, seed ?? 0), enabled: seed !== null, placeholderData: keepPreviousData });
  return (
    <section className="panel account" aria-labelledby="comparison">
      <div className="row wrap">
        <h2 id="comparison" className="part-title grow">
          Old against new
        </h2>
        <Button variant="default" size="compact-sm" loading={answer.isFetching} onClick={() => setSeed((seed ?? 0) + 1)}>
          {seed === null ? "Compare a sample" : "Another sample"}
        </Button>
      </div>
      {seed === null && <p className="dim">Some rows as the file says them, beside the customers they became.</p>}
      {answer.isError && <Trouble error={answer.error} what="The sample could not be compared" />}
      {answer.data && <Report report={answer.data} />}
    </section>
  );
}

function Report({ report }: { report: Compared }) {
  if (report.rows.length === 0) return <p className="dim">There are no rows to compare.</p>;
  return (
    <div role="status" className="stack">
      <TableScroll label="Totals of each field">
        <table className="table">
          <thead>
            <tr>
              <th scope="col">Of {plural(report.rows.length, "row")}</th>
              <th scope="col" data-align="right">Same</th>
              <th scope="col" data-align="right">Different</th>
              <th scope="col" data-align="right">Missing</th>
            </tr>
          </thead>
          <tbody>
            {report.totals.map(({ field, label, same, different, missing }) => (
              <tr key={field}>
                <th scope="row">{label}</th>
                <td data-align="right">{countText(same)}</td>
                <td data-align="right">{countText(different)}</td>
                <td data-align="right">{countText(missing)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </TableScroll>
      <TableScroll label="Rows beside customers">
        <table className="table">
          <thead>
            <tr>
              <th scope="col">Row</th>
              <th scope="col">Field</th>
              <th scope="col">The file says</th>
              <th scope="col">Today</th>
            </tr>
          </thead>
          {report.rows.map(({ row, customer, fields }) => (
            <tbody key={row}>
              {fields.map(({ field, label, said, now, source_title: source, verdict }, index) => (
                <tr key={field}>
                  {index === 0 && (
                    <th scope="rowgroup" rowSpan={fields.length}>
                      {countText(row)}
                      {customer && (
                        <Link to="/customers/$id" params={{ id: customer.id }} className="became-part">
                          <bdi>{customer.name}</bdi>
                        </Link>
                      )}
                    </th>
                  )}
                  <td className="dim">{label}</td>
                  <td>
                    <bdi>{said.join(", ")}</bdi>
                  </td>
                  <td data-verdict={verdict}>
                    {verdict !== "same" && <strong className={verdict === "missing" ? "works-not" : "tone-text"}>{SIGNS[verdict]} </strong>}
                    <bdi>{now}</bdi> {source && <span className="dim">{source}</span>}
                  </td>
                </tr>
              ))}
            </tbody>
          ))}
        </table>
      </TableScroll>
    </div>
  );
}
