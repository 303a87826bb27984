/** Keeps the named text parameters of the address, and drops everything else. */
export function textParameters<N extends string>(search: Record<string, unknown>, ...names: N[]): { [K in N]?: string } {
  const kept = names.filter((name) => typeof search[name] === "string" && search[name] !== "");
  return Object.fromEntries(kept.map((name) => [name, search[name]])) as { [K in N]?: string };
}
