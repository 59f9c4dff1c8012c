/** For `{@attach}` on a textarea: it grows with its text, where the browser does not do that by itself. */
export function autosize(text: () => string): (field: HTMLTextAreaElement) => void {
  return (field) => {
    text();
    if (CSS.supports('field-sizing', 'content')) return;
    field.style.height = 'auto';
    field.style.height = `${field.scrollHeight}px`;
  };
}
