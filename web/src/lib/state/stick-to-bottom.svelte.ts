import { untrack } from 'svelte';

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

  /** For `{@attach}` on the scrolling element. Its content says by `grown` that its size has changed. */
  readonly attach = (node: HTMLElement): (() => void) => {
    this.#node = node;
    this.#lastTop = node.scrollTop;
    // What scrolls must be reachable by keyboard.
    node.tabIndex = 0;
    const onScroll = (): void => {
      this.#following = follows(this.#following, this.#lastTop, node);
      this.#lastTop = node.scrollTop;
    };
    const observer = new ResizeObserver(() => this.grown());
    observer.observe(node);
    node.addEventListener('scroll', onScroll, { passive: true });
    // A list begins at its end. Untracked: following it is not what the attachment depends on.
    untrack(() => this.jump());
    return () => {
      observer.disconnect();
      node.removeEventListener('scroll', onScroll);
      this.#node = null;
    };
  };

  /** The content has another size: whoever was at its end stays there, anybody else stays where they are. */
  grown(): void {
    if (this.#following) this.#toEnd();
  }

  /** Goes to the end and follows it again. */
  jump(): void {
    this.#following = true;
    this.#toEnd();
  }

  #toEnd(): void {
    const node = this.#node;
    if (!node) return;
    node.scrollTop = node.scrollHeight;
    this.#lastTop = node.scrollTop;
  }
}
