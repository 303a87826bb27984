/** Moves the focus to the next (1) or earlier (-1) of the elements that match, starting at the first. */
export function moveFocus(within: HTMLElement | null, selector: string, step: 1 | -1): void {
  const all = [...(within?.querySelectorAll<HTMLElement>(selector) ?? [])];
  const at = all.indexOf(document.activeElement as HTMLElement);
  const next = at < 0 ? all[0] : all[at + step];
  next?.focus();
}
