/** The beginning of a text, never with half of a character at its end. `most` in UTF-16 units. */
export function firstOf(text: string, most: number): string {
  return text.length <= most ? text : text.slice(0, most).replace(/[\ud800-\udbff]$/, '');
}
