import { bitsText } from "./identity-words.ts";
import type { Evidence, Weighed } from "./identity-queries.ts";

/** Each comparison as a bar for or against; they add up to the bits at the foot. */
export function Waterfall({ weighed }: { weighed: Weighed }) {
  const steps = stepsOf(weighed);
  const widest = Math.max(1, ...steps.map(({ bits }) => Math.abs(bits)));
  return (
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
          <td className="num">{bitsText(weighed.bits)}</td>
        </tr>
      </tfoot>
    </table>
  );
}

const NOTABLE = 0.05; // bits; less than this is rounding

/** What was compared, then what speaks against whatever was compared. */
function stepsOf(weighed: Weighed): Evidence[] {
  if (weighed.evidence.length === 0) return [];
  const household = weighed.household_bits ?? 0;
  const compared = weighed.evidence.reduce((sum, { bits }) => sum + bits, 0);
  const rest = [
    { label: "Household", level: "they may be two people of one household", bits: -household },
    { label: "To begin with", level: "two records are seldom one customer", bits: weighed.bits - compared + household },
  ];
  const steps = rest.filter(({ bits }) => Math.abs(bits) > NOTABLE);
  return [...weighed.evidence, ...steps.map((step) => ({ ...step, field: "", left: null, right: null }))];
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
