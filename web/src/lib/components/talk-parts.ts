/** Everything that shows messages, in one chunk: see `Talk`. */
export { default as ArchiveView } from './ArchiveView.svelte';
export { default as MessageLine } from './MessageLine.svelte';
export { default as OutboxMessage } from './OutboxMessage.svelte';
