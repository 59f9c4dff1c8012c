/** How one signs in: fetched when somebody has to. */
export { default as PassphraseForm } from './PassphraseForm.svelte';
export { default as Turnstile } from './Turnstile.svelte';
