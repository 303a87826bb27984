import { Shape } from "./Shape.tsx";

const FIRST = 3;

/** The first values of a column, one a line; masked ones by their shape. */
export function Samples({ samples, masked }: { samples: string[]; masked: boolean }) {
  return samples.slice(0, FIRST).map((sample, index) =>
    masked ? (
      <span key={index} className="sample cut">
        <Shape text={sample} />
      </span>
    ) : (
      <bdi key={index} className="sample cut">
        {sample}
      </bdi>
    ),
  );
}
