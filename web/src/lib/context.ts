import { createContext } from 'svelte';
import type { ChatApp } from './state/chat-app.svelte.ts';

/** The page's state, for every component below the page. */
export const [getApp, setApp] = createContext<ChatApp>();
