import type { Carrier } from './links.ts';

/** Of the Worker under test, beside where its upstreams are. */
export const SETTINGS = {
  // Longer than the upstream ever holds a stream, short enough to be waited for.
  ANTHROPIC_TIMEOUT_S: '6',
  LITELLM_TIMEOUT_S: '6',
  // A long answer that nobody watches for a moment must come to its end all the same.
  UNWATCHED_LIMIT_TOKENS: '1000000',
};

/** What clients come over, as often as each stands here. */
export const CARRIERS: [Carrier, ...Carrier[]] = ['socket', 'socket', 'stream'];
