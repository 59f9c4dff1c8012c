/** Everything that needs the dialog library, in one chunk that is loaded after the first paint. */
export { default as DeleteWarning } from './DeleteWarning.svelte';
export { default as HistoryPanel } from './HistoryPanel.svelte';
export { default as ModelSelector } from './ModelSelector.svelte';
export { default as PhoneDialog } from './PhoneDialog.svelte';
export { default as SwitchWarning } from './SwitchWarning.svelte';
