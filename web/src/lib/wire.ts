/** The one door from the page to the shared protocol. */
export * from '../../../shared/index.ts';
