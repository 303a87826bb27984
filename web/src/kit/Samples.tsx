const FIRST = 3;

/** The first values of a column, one a line. */
export function Samples({ samples }: { samples: string[] }) {
  return samples.slice(0, FIRST).map((sample, index) => (
    <bdi key={index} className="sample cut">
      {sample}
    </bdi>
  ));
}
