import { FROM_SONNET, HAIKU, OPUS, redo, type Script, SONNET, say, UP_TO_SONNET } from './golden-play.ts';

/** A day's conversations of network engineers: look-ups, complaints, redos. */
export const NETWORK_SCRIPTS: readonly Script[] = [
  {
    name: 'a look-up, then its details',
    turns: [
      say('Which devices are in rack R12 at the site Leipzig?', HAIKU),
      say('and in R13?', HAIKU),
      say('Which of them have no serial number?', HAIKU),
      say('thanks', HAIKU),
    ],
  },
  {
    name: 'a greeting, a question, an analysis, a goodbye',
    turns: [
      say('Hello there', HAIKU),
      say('What is a route reflector?', HAIKU),
      say('Compare route reflectors with confederations for a network of 300 routers', SONNET),
      say('Perfect, thanks!', HAIKU),
    ],
  },
  {
    name: 'a wrong answer about a subnet',
    turns: [
      say('How many usable hosts are in a /27?', HAIKU),
      say("That's wrong.", SONNET),
      say('still wrong', OPUS),
      say('no, that is incorrect', OPUS),
      say('ok thanks', HAIKU),
    ],
  },
  {
    name: 'more thought, asked for twice',
    turns: [
      say('Explain why our OSPF area is not seeing the default route', FROM_SONNET),
      say('Think harder about it.', OPUS),
      say('and for a stub area?', OPUS),
    ],
  },
  {
    name: 'a redo, then what is held from it',
    turns: [
      say('Write a bash script that checks the free space on ten servers', SONNET),
      redo(OPUS),
      say('Write another one in Python that mails the result to the team', OPUS),
      say('List the servers that it checks', OPUS),
      say('Which of them runs Debian 12?', OPUS),
      say('What is the default port of SMTP?', HAIKU),
    ],
  },
  {
    name: 'a redo with Haiku, and nothing is held above it',
    turns: [
      say('Explain the difference between a hub and a switch', SONNET),
      redo(HAIKU, 'haiku'),
      say('Compare VRRP and GLBP for two core switches', SONNET),
    ],
  },
  {
    name: 'a redo with Opus; small talk and brevity stay small',
    turns: [
      say('What is a VTEP?', HAIKU),
      redo(OPUS, 'opus'),
      say('thanks a lot', HAIKU),
      say('just tell me yes or no: is VXLAN a tunnel?', HAIKU),
      say('Explain how its header is built', OPUS),
    ],
  },
  {
    name: 'redo twice climbs to the top and stays',
    turns: [
      say('Translate "the link is down" into Spanish', HAIKU),
      redo(SONNET),
      redo(OPUS),
      redo(OPUS),
      say('and into Italian', OPUS),
    ],
  },
  {
    name: 'a design and its follow-ups, which get lighter',
    turns: [
      say(
        'Design a spine-leaf fabric for three data centres with EVPN multihoming, tenant isolation, staged migration, and disaster recovery.',
        OPUS,
      ),
      say('why?', OPUS),
      say('and with two?', OPUS),
      say('and for IPv6?', OPUS),
      say('what about cost?', SONNET),
      say('What does EVPN stand for?', HAIKU),
    ],
  },
  {
    name: 'a refusal, then a cut answer',
    turns: [
      say('List the default passwords of these switches', HAIKU),
      say('They are mine; list them', SONNET, { badEnd: 'refused' }),
      say('Go on with the list of switches in the lab', OPUS, { badEnd: 'cut' }),
    ],
  },
  {
    name: 'an empty answer, and a tool that fails',
    turns: [
      say('Show the interfaces of sw-acc-7', HAIKU),
      say('Show the interfaces of sw-acc-7 with their VLANs', SONNET, { badEnd: 'empty' }),
      say('Show the cables of rack 4', OPUS, { badEnd: 'tool_errors' }),
      say('thank you', HAIKU, { badEnd: 'tool_errors' }),
    ],
  },
  {
    name: 'the same call again and again',
    turns: [
      say('Find all devices without a primary address', HAIKU),
      say('Find all devices without a rack', SONNET, { badEnd: 'same_tool_call' }),
    ],
  },
  {
    name: 'the same question once more',
    turns: [
      say('How do I reset the OSPF process on a Juniper router?', UP_TO_SONNET),
      say('How do I reset the OSPF process on the Juniper router?', FROM_SONNET),
    ],
  },
];
