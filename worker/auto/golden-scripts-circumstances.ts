import { FROM_SONNET, HAIKU, OPUS, redo, type Script, SONNET, say, UP_TO_SONNET } from './golden-play.ts';

const step = (
  toolResults: number,
  more: { onCode?: boolean; tools?: 'read' | 'write'; fromPassages?: boolean } = {},
) => ({
  step: { onCode: false, tools: 'read' as const, fromPassages: false, toolResults, ...more },
});

/** Conversations about what is known beside the words: tools, files, prices, the cache, the setting. */
export const CIRCUMSTANCE_SCRIPTS: readonly Script[] = [
  {
    name: 'an agent on a code base',
    turns: [
      say('Fix the failing test in this repository', HAIKU, step(0, { onCode: true, tools: 'write' })),
      say('Fix the failing test in this repository', OPUS, step(1, { onCode: true, tools: 'write' })),
    ],
  },
  {
    name: 'a look-up with tools',
    turns: [
      say('List the devices at the site Bonn', HAIKU, step(0)),
      say('Which of these have two power supplies?', HAIKU, step(2)),
      say('Compare the racks of Bonn and Ulm', HAIKU, step(3)),
    ],
  },
  {
    name: 'many changes with tools',
    turns: [
      say('Rename the interfaces of sw-1 to sw-9', HAIKU, step(0, { tools: 'write' })),
      say('Rename those of sw-10, too', FROM_SONNET, step(9, { tools: 'write' })),
    ],
  },
  {
    name: 'a plan that is carried out with tools',
    turns: [
      say('Write the descriptions of all uplinks anew', FROM_SONNET, step(0, { tools: 'write' })),
      say(
        'Build a new site with racks, switches and prefixes in NetBox',
        FROM_SONNET,
        step(0, { tools: 'write' }),
      ),
    ],
  },
  {
    name: 'answers from passages',
    turns: [
      say('Who signed the contract with the carrier?', HAIKU, step(0, { tools: 'read', fromPassages: true })),
      say('When does it end?', HAIKU, step(0, { tools: 'read', fromPassages: true })),
    ],
  },
  {
    name: 'a document to read',
    turns: [
      say('What does the contract say about the notice period?', FROM_SONNET, { documents: 1 }),
      say('thanks', HAIKU),
    ],
  },
  {
    name: 'photos of a rack',
    turns: [
      say('What is in this photo?', HAIKU, { images: 1 }),
      say('Which cables are loose in these?', FROM_SONNET, { images: 3 }),
    ],
  },
  {
    name: 'a title for a hard conversation',
    turns: [
      say(
        'Design a payment platform with three regions, failover, audit, and a proof that no payment is lost.',
        OPUS,
      ),
      say(
        'Design a payment platform with three regions, failover, audit, and a proof that no payment is lost.',
        HAIKU,
        {
          chore: true,
        },
      ),
    ],
  },
  {
    name: 'nothing in the message',
    turns: [say('', SONNET), say('   ', SONNET)],
  },
  {
    name: 'only the large ones can answer',
    turns: [
      say('hello', SONNET, { available: ['sonnet', 'opus'] }),
      say('What is a VLAN?', OPUS, { available: ['opus'] }),
    ],
  },
  {
    name: 'only the small one can answer',
    turns: [
      say('Compare EVPN with VPLS for a metro network', HAIKU, { available: ['haiku'] }),
      say("that's wrong", HAIKU, { available: ['haiku'] }),
    ],
  },
  {
    name: 'a redo with a model that is away',
    turns: [
      say('What is a VRF?', HAIKU),
      { ...redo(SONNET, 'opus'), more: { chosen: 'opus', available: ['haiku', 'sonnet'] } },
    ],
  },
  {
    name: 'the economy setting',
    turns: [
      say('What is a VLAN?', HAIKU, { mode: 'economy' }),
      say('Compare VRRP and HSRP', UP_TO_SONNET, { mode: 'economy' }),
      say(
        'Design a network automation platform with intent, drift detection, staged rollout and rollback.',
        SONNET,
        {
          mode: 'economy',
        },
      ),
      say('think harder', OPUS, { mode: 'economy' }),
    ],
  },
  {
    name: 'the quality setting',
    turns: [
      say('hi', HAIKU, { mode: 'quality' }),
      say('What is a VLAN?', HAIKU, { mode: 'quality' }),
      say('Our firewall drops every tenth packet since the upgrade; debug it', OPUS, { mode: 'quality' }),
    ],
  },
  {
    name: 'a warm conversation at Opus',
    turns: [
      say(
        `Design a backbone with four sites, anycast, failover, and a migration plan.\n${'site data '.repeat(6_000)}`,
        OPUS,
      ),
      say('Compare the second option with a full mesh of tunnels between all of the sites', OPUS),
      say('Explain the difference between anycast and multicast to a new colleague', SONNET, { warm: false }),
    ],
  },
  {
    name: 'Sonnet at the price of Haiku',
    turns: [
      say('Name three things to check before a switch is replaced', FROM_SONNET, {
        rates: { sonnet: { input: 0.1, output: 0.5, cache_write: 0.125, cache_read: 0.01 } },
      }),
    ],
  },
  {
    name: 'a close choice that a second opinion settles upwards',
    turns: [
      { ...say('Explain the trade-offs between iBGP full mesh and route reflectors', OPUS), opinion: 'opus' },
    ],
  },
  {
    name: 'a second opinion that is not asked for a clear choice',
    turns: [{ ...say('What is a VLAN?', HAIKU), opinion: 'opus' }],
  },
  {
    name: 'rewriting, whatever the text is about',
    turns: [
      say('Rephrase this: the proof of the theorem is in the appendix of the migration plan', HAIKU),
      say('Proofread: teh core ruoter is donw', HAIKU),
    ],
  },
  {
    name: 'a retry that the person did not name',
    turns: [
      say('What is the MTU of a GRE tunnel?', HAIKU),
      say('What is the MTU of a GRE tunnel?', SONNET, { attempts: 1 }),
      say('Which port does NTP use?', SONNET, { held: 'sonnet' }),
      say('danke', HAIKU, { held: 'opus' }),
      say('kurz: was ist NTP?', HAIKU, { held: 'opus' }),
      say("quick, that's wrong", OPUS, { held: 'opus' }),
    ],
  },
  {
    name: 'long work with everything held and lighter follow-ups',
    turns: [
      say('Compare EVPN with VPLS for a campus network and say when to use which', SONNET),
      say('why?', SONNET),
      say('and then?', SONNET),
      say('and after that?', SONNET),
      say('and in the end?', UP_TO_SONNET),
    ],
  },
];
