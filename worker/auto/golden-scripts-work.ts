import { FROM_SONNET, HAIKU, OPUS, type Script, SONNET, say, UP_TO_SONNET } from './golden-play.ts';

/** A day's conversations of network engineers: outages, plans, code. */
export const WORK_SCRIPTS: readonly Script[] = [
  {
    name: 'an outage at night',
    turns: [
      say(
        'Since 02:10 half of our branch offices cannot reach the data centre. BGP is up, traceroutes stop at the second hop, and the MTU was changed yesterday. Find the root cause step by step.',
        FROM_SONNET,
      ),
      say('It is not the MTU, that is not what I asked', OPUS),
      say(
        'Here is a trace:\nTraceback (most recent call last):\n  File "poll.py", line 8, in <module>\nTimeoutError',
        FROM_SONNET,
      ),
      say('bye', HAIKU),
    ],
  },
  {
    name: 'a memory leak in a poller',
    turns: [
      say('What is a memory leak?', UP_TO_SONNET),
      say('Our SNMP poller has a memory leak after the upgrade to Python 3.14; find it', FROM_SONNET),
    ],
  },
  {
    name: 'an addressing plan with conditions',
    turns: [
      say(
        'Plan the addresses of a campus: every building must have at least four VLANs, no more than 500 hosts each, exactly one prefix per floor, and nothing may be renumbered without a window.',
        FROM_SONNET,
      ),
      say('now for IPv6', FROM_SONNET),
      say('Convert 10.4.0.0/14 to a netmask', HAIKU),
    ],
  },
  {
    name: 'a long paste with a short wish',
    turns: [
      say(`Summarize this log:\n${'Oct 3 12:00:01 sw1 link flap on et-0/0/1\n'.repeat(150)}`, HAIKU),
      say('shorter', HAIKU),
      say('Translate it into German', HAIKU),
    ],
  },
  {
    name: 'liability is not for the smallest model',
    turns: [
      say('May we log DNS queries of our guests without liability under the law?', FROM_SONNET),
      say('in one sentence', UP_TO_SONNET),
    ],
  },
  {
    name: 'a medical question in the wrong chat',
    turns: [
      say('What dose of ibuprofen in mg/kg is safe for a child?', FROM_SONNET),
      say('thank you', HAIKU),
    ],
  },
  {
    name: 'brevity, then rigour',
    turns: [
      say('quick: what is the administrative distance of eBGP?', HAIKU),
      say('Explain how route selection works with equal distances', SONNET),
      say('Be rigorous, please', OPUS),
    ],
  },
  {
    name: 'code from a snippet to a platform',
    turns: [
      say('Write a Python function that validates a MAC address', SONNET),
      say('add type hints', SONNET),
      say(
        'Design the whole validation platform with plug-ins, staged rollout, audit trail, rollback, and failure modes.',
        FROM_SONNET,
      ),
      say('What is a MAC address?', HAIKU),
    ],
  },
  {
    name: 'a puzzle at lunch',
    turns: [
      say(
        'There are 4 houses. Clues:\n1. Anna is directly left of Ben.\n2. The red house is next to the blue house.\n3. Carl is not in the first house.\n4. Dora drinks tea.\nWho lives where?',
        FROM_SONNET,
      ),
      say('What is the capital of Norway?', HAIKU),
    ],
  },
  {
    name: 'mathematics, then a sum',
    turns: [
      say('Find all integers $n$ such that $n^2 + 2n$ is divisible by $n + 5$.', FROM_SONNET),
      say('What is 12 * 12?', HAIKU),
    ],
  },
  {
    name: 'a small puzzle at breakfast',
    turns: [
      say(
        'There are 3 houses. Clues:\n1. Ann is directly left of Ben.\n2. The red house is next to the blue one.\n3. Cleo is not in the first house.\nWho lives in the middle?',
        FROM_SONNET,
      ),
      say('thanks!', HAIKU),
    ],
  },
];
