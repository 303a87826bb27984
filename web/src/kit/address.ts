/** Keeps one text parameter of the address, and drops everything else. */
export function optionalText<N extends string>(search: Record<string, unknown>, name: N): { [K in N]?: string } {
  const value = search[name];
  return typeof value === "string" && value !== "" ? ({ [name]: value } as { [K in N]?: string }) : {};
}
