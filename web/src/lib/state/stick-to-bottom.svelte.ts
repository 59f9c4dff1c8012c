/** Distance from the end that still counts as being there, in CSS pixels. */
const SLACK_PX = 56;

export type Geometry = { scrollTop: number; scrollHeight: number; clientHeight: number };

export function distanceFromEnd({ scrollTop, scrollHeight, clientHeight }: Geometry): number {
  return Math.max(0, scrollHeight - clientHeight - scrollTop);
}

/**
 * Whether the view goes on following its end after a scroll. It lets go only when the person moved upwards: growth
 * between two events moves the end away too, and is no wish to leave.
 */
export function follows(before: boolean, lastTop: number, geometry: Geometry): boolean {
  if (distanceFromEnd(geometry) <= SLACK_PX) return true;
  return geometry.scrollTop < lastTop - 1 ? false : before;
}

/** Keeps a scrolling element at its end while the person is there. */
export class StickToBottom {
  #following = $state(true);
  #node: HTMLElement | null = null;
  #lastTop = 0;

  /** False when the person has scrolled up to read. */
  get following(): boolean {
    return this.#following;
  }

  /** For `{@attach}` on the scrolling element; its first child is what grows. */
  readonly attach = (node: HTMLElement): (() => void) => {
    this.#node = node;
    // What scrolls must be reachable by keyboard.
    node.tabIndex = 0;
    const onScroll = (): void => {
      this.#following = follows(this.#following, this.#lastTop, node);
      this.#lastTop = node.scrollTop;
    };
    const observer = new ResizeObserver(() => {
      if (this.#following) this.#toEnd();
    });
    observer.observe(node);
    if (node.firstElementChild) observer.observe(node.firstElementChild);
    node.addEventListener('scroll', onScroll, { passive: true });
    this.#toEnd();
    return () => {
      observer.disconnect();
      node.removeEventListener('scroll', onScroll);
      this.#node = null;
    };
  };

  /** Goes to the end and follows it again. */
  jump(): void {
    this.#following = true;
    this.#toEnd();
  }

  /** Keeps what is in view where it is while `change` puts something above it. */
  async keepPlace(change: () => Promise<void>): Promise<void> {
    const node = this.#node;
    if (!node) return change();
    const fromEnd = node.scrollHeight - node.scrollTop;
    this.#following = false;
    await change();
    node.scrollTop = node.scrollHeight - fromEnd;
    this.#lastTop = node.scrollTop;
  }

  #toEnd(): void {
    if (!this.#node) return;
    this.#node.scrollTop = this.#node.scrollHeight;
    this.#lastTop = this.#node.scrollTop;
  }
}
