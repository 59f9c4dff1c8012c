/** Lines in one box: the browser lays out the last box anew when it grows, and leaves those before it alone. */
const LINES_PER_BOX = 64;

/** Shows a text that grows at its end by adding only what is new. */
export class GrowingText {
  readonly #node: HTMLElement;
  #shown = '';
  #box: Text | null = null;
  #lines = 0;

  constructor(node: HTMLElement) {
    this.#node = node;
  }

  show(text: string): void {
    if (!text.startsWith(this.#shown)) {
      this.#node.replaceChildren();
      this.#shown = '';
      this.#box = null;
    }
    let at = this.#shown.length;
    this.#shown = text;
    while (at < text.length) {
      const box = this.#box ?? this.#newBox();
      const from = at;
      while (this.#lines < LINES_PER_BOX && at < text.length) {
        const end = text.indexOf('\n', at);
        at = end < 0 ? text.length : end + 1;
        if (end >= 0) this.#lines += 1;
      }
      box.appendData(text.slice(from, at));
      if (this.#lines >= LINES_PER_BOX) this.#box = null;
    }
  }

  #newBox(): Text {
    const box = document.createElement('span');
    box.className = 'lines';
    this.#box = document.createTextNode('');
    this.#lines = 0;
    box.append(this.#box);
    this.#node.append(box);
    return this.#box;
  }
}

/** For `{@attach}` on an element whose text only grows. */
export function growingText(text: () => string): (node: HTMLElement) => void {
  let shown: { node: HTMLElement; growing: GrowingText } | null = null;
  return (node) => {
    if (shown?.node !== node) shown = { node, growing: new GrowingText(node) };
    shown.growing.show(text());
  };
}
