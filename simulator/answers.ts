import { pick, type Random } from './random.ts';
import { SWITCHES, type Switches, withoutSwitches } from './switches.ts';
import { answerFromResults } from './tools/answer.ts';
import type { AskedCall, OfferedTool } from './tools/asked.ts';

/** What the simulated model was asked. */
export type Ask = {
  model: string;
  /** Which real API the question came by. */
  service: 'anthropic' | 'litellm';
  /** The last user message. */
  prompt: string;
  /** How many messages came before it, calls and their results aside. */
  earlier: number;
  /** What may be called now. */
  tools?: readonly OfferedTool[];
  /** The calls since the last user message. */
  rounds?: readonly AskedCall[][];
};

type Topic = { words: RegExp; answer: string };

const TOPICS: readonly Topic[] = [
  {
    words: /\b(simulat\w*|demo|help)\b/i,
    answer: `Put one of these into a message to see how the chat behaves:

| write | and this happens |
|---|---|
${SWITCHES.map(([text, effect]) => `| \`${text}\` | ${effect} |`).join('\n')}

Several may stand together, and \`[[status 529 on claude-sonnet-5-5]]\` counts only for that model, so that you can watch a fallback.`,
  },
  {
    words: /\b(prefix(es)?|subnets?|ip(am|v4|v6)?|address(es)?)\b/i,
    answer: `In NetBox, free space inside a prefix comes from its *available prefixes* endpoint:

1. Find the parent: \`GET /api/ipam/prefixes/?prefix=10.20.0.0/16\`
2. Ask what is free: \`GET /api/ipam/prefixes/{id}/available-prefixes/\`
3. Take one: \`POST\` the wanted length to the same address

| prefix | site | role | used |
|---|---|---|---|
| 10.20.0.0/22 | AMS1 | Servers | 71 % |
| 10.20.4.0/22 | AMS1 | Management | 34 % |
| 10.20.8.0/21 | FRA2 | *free* | 0 % |

The next free /24 would be **10.20.8.0/24**. These figures are made up.`,
  },
  {
    words: /\b(vlans?|trunk|l2vpn)\b/i,
    answer: `A VLAN in NetBox belongs to a group, and the group decides where its number must be unique. Before you add one, check three things:

- the group's scope (site, region or location)
- that the number is free in the group: \`GET /api/ipam/vlan-groups/{id}/available-vlans/\`
- which interfaces carry it already, tagged or untagged`,
  },
  {
    words: /\b(devices?|switch(es)?|routers?|racks?|cables?|interfaces?|circuits?|sites?)\b/i,
    answer: `Here is how such a question becomes a NetBox filter:

\`\`\`python
import pynetbox

nb = pynetbox.api("https://netbox.example.com", token="...")
for device in nb.dcim.devices.filter(site="ams1", status="active", role="leaf"):
    print(device.name, device.primary_ip4, device.rack)
\`\`\`

Names, addresses and racks would be listed here, had I a real NetBox to ask.`,
  },
  {
    words: /\b(hi|hello|hey|good (morning|day|evening)|hallo)\b/i,
    answer: `Hello! Ask me about prefixes, VLANs, devices or anything else, and watch how the chat behaves: the model is shown with every answer, and switching it starts a new conversation.`,
  },
];

const OPENINGS = [
  'Let us look at that.',
  'Good question.',
  'In short:',
  'This is how I would go about it.',
] as const;

const DEFAULT = `I am not a real model, so I cannot know the answer. What I can show you is how one reaches you: piece by piece, with **bold** and *italic* words, \`code\` and lists:

- the text streams as it is written
- *Stop* ends it, and what has come is kept
- the receipt below says which model answered, and what it cost

Ask about *prefixes*, *VLANs* or *devices* for a longer example, or write *help* for the switches.`;

const CODE = `\`\`\`python
from ipaddress import ip_network

def next_free(parent: str, used: list[str], length: int) -> str | None:
    """The first free subnet of that length, or None."""
    taken = [ip_network(u) for u in used]
    for candidate in ip_network(parent).subnets(new_prefix=length):
        if not any(candidate.overlaps(t) for t in taken):
            return str(candidate)
    return None

print(next_free("10.20.0.0/16", ["10.20.0.0/22", "10.20.4.0/22"], 24))
\`\`\``;

const TABLE = `| device | role | primary address | status |
|---|---|---|---|
| ams1-leaf-01 | leaf | 10.20.4.11 | active |
| ams1-leaf-02 | leaf | 10.20.4.12 | active |
| ams1-spine-01 | spine | 10.20.4.1 | planned |`;

const LIST = `1. Look up the site
2. List its racks
   - by name
   - with their free units
3. Reserve what you need`;

const LONG_SENTENCES = [
  'Every prefix has a parent, a role and a status.',
  'The border router announces the aggregate and keeps the rest to itself.',
  'A cable has two ends, and NetBox wants to know both.',
  'Automation reads the intended state and compares it with what the device says.',
  'Documentation that nobody reads is at least never wrong twice.',
] as const;

/** The text of an answer, in markdown. Its last line says what it is, and how to reach the real thing. */
export function answerText(ask: Ask, switches: Switches, random: Random, now: Date): string {
  if (switches.empty) return '';
  const question = withoutSwitches(ask.prompt);
  if (switches.echo) return question;
  if (switches.long !== null) return longText(switches.long, random);
  const parts: string[] = [];
  if (switches.code) parts.push(CODE);
  if (switches.table) parts.push(TABLE);
  if (switches.list) parts.push(LIST);
  const { rounds = [] } = ask;
  if (rounds.length > 0) parts.push(answerFromResults(question, rounds, now));
  if (parts.length === 0) {
    const topic = TOPICS.find(({ words }) => words.test(question));
    parts.push(topic === undefined ? `${pick(random, OPENINGS)} ${DEFAULT}` : topic.answer);
  }
  if (switches.unknown.length > 0) {
    parts.push(
      `There is no switch ${switches.unknown.map((name) => `\`${name}\``).join(', ')}; write *help*.`,
    );
  }
  parts.push('---', signature(ask));
  return parts.join('\n\n');
}

/** What is shown as the summary of the model's thinking. */
export function thinkingText(ask: Ask): string {
  const question = withoutSwitches(ask.prompt).slice(0, 80);
  return `The question is: "${question}". I am a simulation, so there is nothing to work out; I choose a prepared answer and show how thinking looks before it.`;
}

function signature(ask: Ask): string {
  const context =
    ask.earlier === 0
      ? 'It was sent no earlier message'
      : `It was sent ${ask.earlier} earlier ${ask.earlier === 1 ? 'message' : 'messages'}`;
  const real =
    ask.service === 'anthropic'
      ? 'For the real Claude put `ANTHROPIC_API_KEY` into `.dev.vars` and start again.'
      : 'For your own model at home follow `litellm/README.md`, put `LITELLM_ENABLED`, `LITELLM_PROXY_URL` and `LITELLM_MASTER_KEY` into `.dev.vars` and start again.';
  return `*A simulated answer by \`${ask.model}\`. ${context} of this conversation. ${real}*`;
}

function longText(words: number, random: Random): string {
  const out: string[] = [];
  for (let sentence = 1; out.length < words; sentence++) {
    out.push(...pick(random, LONG_SENTENCES).split(' '));
    if (sentence % 5 === 0) out[out.length - 1] += '\n\n';
  }
  return out.slice(0, words).join(' ').replaceAll('\n\n ', '\n\n').trim();
}
