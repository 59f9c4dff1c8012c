/** What shows calls of tools and takes decisions about them, in one piece of code: fetched when there is a call. */
export { Decisions } from './decisions.svelte.ts';
export { default as ToolAnswer } from './ToolAnswer.svelte';
