import { Link2, TriangleAlert } from "lucide-react";

import { Tag } from "../kit/Tag.tsx";
import { bitsText, recordNames } from "./identity-words.ts";
import type { Evidence, Identity, Join } from "./identity-queries.ts";

/** Each step in which records became one, strongest reasons first; the weakest step is marked. */
export function Joins({ identity }: { identity: Identity }) {
  if (identity.joins.length === 0) return null;
  return (
    <section className="identity-part" aria-labelledby="joins">
      <h3 id="joins">What joined them</h3>
      <ol className="joins">
        {identity.joins.map((join, index) => (
          <JoinRow key={index} join={join} identity={identity} weakest={identity.weakest === index} />
        ))}
      </ol>
    </section>
  );
}

function JoinRow({ join, identity, weakest }: { join: Join; identity: Identity; weakest: boolean }) {
  const steps = waterfall(join);
  const widest = Math.max(1, ...steps.map(({ bits }) => Math.abs(bits)));
  return (
    <li className="join" data-weakest={weakest || undefined}>
      <div className="row wrap">
        <Link2 size={14} aria-hidden className="dim" />
        <span className="grow">
          <bdi>{recordNames(join.left, identity.records)}</bdi> <span className="dim">and</span>{" "}
          <bdi>{recordNames(join.right, identity.records)}</bdi>
        </span>
        {weakest && (
          <Tag tone="warn">
            <TriangleAlert size={11} aria-hidden /> weakest
          </Tag>
        )}
      </div>
      <p className="join-words">{join.words}</p>
      <table className="waterfall">
        <caption className="spoken">How each comparison speaks for or against, in bits</caption>
        <colgroup>
          <col className="bar-label" />
          <col />
          <col className="bar-column" />
          <col className="bar-bits" />
        </colgroup>
        <tbody>
          {steps.map((step, index) => (
            <Bar key={index} evidence={step} widest={widest} />
          ))}
        </tbody>
        <tfoot>
          <tr>
            <th scope="row">Together</th>
            <td colSpan={2} />
            <td className="num">{bitsText(join.bits)}</td>
          </tr>
        </tfoot>
      </table>
    </li>
  );
}

const NOTABLE = 0.05; // bits; less than this is rounding

/** The bars of a join: what was compared, then what speaks against whatever was compared. They add up to its bits. */
function waterfall(join: Join): Evidence[] {
  if (join.evidence.length === 0) return [];
  const household = join.household_bits ?? 0;
  const compared = join.evidence.reduce((sum, { bits }) => sum + bits, 0);
  const rest = [
    { label: "Household", level: "they may be two people of one household", bits: -household },
    { label: "To begin with", level: "two records are seldom one customer", bits: join.bits - compared + household },
  ];
  const steps = rest.filter(({ bits }) => Math.abs(bits) > NOTABLE);
  return [...join.evidence, ...steps.map((step) => ({ ...step, field: "", left: null, right: null }))];
}

function Bar({ evidence, widest }: { evidence: Evidence; widest: number }) {
  const share = `${(Math.abs(evidence.bits) / widest) * 50}%`;
  const same = evidence.left === evidence.right;
  return (
    <tr>
      <th scope="row">{evidence.label}</th>
      <td className="bar-values">
        <span>{evidence.level}</span>{" "}
        {evidence.left && (
          <span className="dim">
            <bdi>{evidence.left}</bdi>
            {!same && evidence.right && (
              <>
                {" / "}
                <bdi>{evidence.right}</bdi>
              </>
            )}
          </span>
        )}
      </td>
      <td className="bar-cell" aria-hidden>
        <span className="bar" data-sign={evidence.bits < 0 ? "against" : "for"} style={{ inlineSize: share }} />
      </td>
      <td className="num">{bitsText(evidence.bits)}</td>
    </tr>
  );
}
