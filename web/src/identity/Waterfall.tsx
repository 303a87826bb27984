import { bitsText, chanceText, frequencyText } from "./identity-words.ts";
import { type Step, stepsOf } from "./waterfall-steps.ts";
import type { Weighed } from "./identity-queries.ts";

/** What is known before looking, then each comparison from where the one before it ended, down to the sum. */
export function Waterfall({ weighed }: { weighed: Weighed }) {
  if (weighed.evidence.length === 0) return null;
  const { steps, low, high } = stepsOf(weighed);
  const place = (at: number) => `${((at - low) / (high - low)) * 100}%`;
  return (
    <table className="waterfall">
      <caption className="spoken">How each comparison speaks for or against one customer, in bits</caption>
      <colgroup>
        <col className="bar-label" />
        <col />
        <col className="bar-bits" />
      </colgroup>
      <thead className="spoken">
        <tr>
          <th scope="col">What was compared</th>
          <th scope="col">How it agrees</th>
          <th scope="col">Bits</th>
        </tr>
      </thead>
      <tbody>
        {steps.map((step, index) => (
          <Row key={index} step={step} place={place} />
        ))}
      </tbody>
      {weighed.bits !== null && (
        <tfoot>
          <tr>
            <th scope="row">Together</th>
            <td>
              {chanceText(weighed.bits)}
              <Track place={place} from={0} to={weighed.bits} kind="sum" />
            </td>
            <td className="num">{bitsText(weighed.bits)}</td>
          </tr>
        </tfoot>
      )}
    </table>
  );
}

interface Place {
  place: (at: number) => string;
}

function Row({ step, place }: Place & { step: Step }) {
  const common = step.evidence && frequencyText(step.evidence);
  return (
    <tr>
      <th scope="row">{step.label}</th>
      <td>
        {step.said} {step.evidence && <Values left={step.evidence.left} right={step.evidence.right} />}
        {common && <span className="bar-common">{common}</span>}
        <Track place={place} from={step.from} to={step.to} rare={step.rare} kind={step.bits < 0 ? "against" : "for"} />
      </td>
      <td className="num">{bitsText(step.bits)}</td>
    </tr>
  );
}

function Values({ left, right }: { left: string | null; right: string | null }) {
  if (!left) return null;
  return (
    <span className="dim">
      <bdi>{left}</bdi>
      {right && right !== left && (
        <>
          {" / "}
          <bdi>{right}</bdi>
        </>
      )}
    </span>
  );
}

interface TrackProps extends Place {
  from: number;
  to: number;
  rare?: number;
  kind: "for" | "against" | "sum";
}

/** The bar of one step. The line is where the chances are even; the lighter end is there for a rare value. */
function Track({ place, from, to, rare = 0, kind }: TrackProps) {
  const bar = (one: number, two: number) => ({
    insetInlineStart: place(Math.min(one, two)),
    insetInlineEnd: `calc(100% - ${place(Math.max(one, two))})`,
  });
  return (
    <span className="track" aria-hidden>
      <span className="track-even" style={{ insetInlineStart: place(0) }} />
      <span className="bar" data-kind={kind} style={bar(from, to)} />
      {rare > 0 && <span className="bar-rare" style={bar(to - rare, to)} />}
    </span>
  );
}
