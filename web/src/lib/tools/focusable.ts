/** For `{@attach}` on a box that scrolls: it must be reachable by keyboard. */
export function focusable(node: HTMLElement): void {
  node.tabIndex = 0;
}
