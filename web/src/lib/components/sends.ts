/**
 * Whether a key in a field for messages sends what is written. Enter also picks a word in an input method; 229 is how
 * some browsers say so.
 */
export function sends(event: KeyboardEvent): boolean {
  return event.key === 'Enter' && !event.shiftKey && !event.isComposing && event.keyCode !== 229;
}
