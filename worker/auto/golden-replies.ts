import type { Tier } from '../models/types.ts';
import type { RouteInput } from './router.ts';

/** A conversation: the user turns, what is known besides, and the tier (or tiers) that the last turn must get. */
export type Reply = {
  rule: string;
  turns: string[];
  previous: Tier | null;
  more?: Partial<RouteInput>;
  expect: readonly Tier[];
};

const HARD = 'Design an EVPN-VXLAN fabric for four data centres with anycast gateways and disaster recovery.';
const EASY = 'What is a VLAN?';
const WORK = 'Explain the difference between OSPF and IS-IS and when to use which';

const each = (
  rule: string,
  before: string,
  previous: Tier,
  expect: readonly Tier[],
  texts: string[],
  more?: Partial<RouteInput>,
): Reply[] =>
  texts.map((text) => ({
    rule,
    turns: [before, text],
    previous,
    expect,
    ...(more === undefined ? {} : { more }),
  }));

export const REPLIES: readonly Reply[] = [
  ...each(
    'a follow-up stays',
    HARD,
    'opus',
    ['opus'],
    [
      'and in French?',
      'why?',
      'what about IPv6?',
      'and for three sites?',
      'how does that scale?',
      'what if one fails?',
      'und auf Deutsch?',
      'et pourquoi ?',
      '¿y por qué?',
      '为什么？',
    ],
  ),
  ...each(
    'a follow-up stays',
    WORK,
    'sonnet',
    ['sonnet'],
    ['and why?', 'which one is faster?', 'and on Juniper?', 'warum?'],
  ),
  ...each(
    'a follow-up does not climb',
    EASY,
    'haiku',
    ['haiku'],
    ['and in German?', 'and a VXLAN?', 'which one is newer?'],
  ),
  ...each(
    'small talk goes down',
    HARD,
    'opus',
    ['haiku'],
    [
      'thanks',
      'Thank you so much!',
      'danke',
      'merci beaucoup',
      'gracias',
      '谢谢',
      'ok perfect',
      'got it, bye',
    ],
  ),
  ...each(
    'an easy question of its own goes down',
    HARD,
    'opus',
    ['haiku'],
    ['What is the capital of France?', 'Which port does SSH use?', 'Was ist ein VLAN?'],
  ),
  ...each(
    'more thought is one step up',
    WORK,
    'sonnet',
    ['opus'],
    [
      'Think harder about this',
      'ultrathink',
      'please think very carefully',
      'use the best model',
      'Denk genau nach',
      'Réfléchis bien',
      'Piensa bien',
      '仔细思考',
      'もっとよく考えて',
      'подумай хорошо',
    ],
  ),
  ...each(
    'more thought is one step up',
    EASY,
    'haiku',
    ['sonnet', 'opus'],
    ['think harder', 'Denk nochmal gut nach'],
  ),
  ...each(
    'dissatisfaction is one step up',
    WORK,
    'sonnet',
    ['opus'],
    [
      "that's wrong",
      'That is not what I asked',
      'still broken',
      "it doesn't work",
      'das ist falsch',
      'funktioniert immer noch nicht',
      "c'est faux",
      'eso está mal',
      'non funziona',
      'это неправильно',
      '不对',
      '違います',
    ],
  ),
  ...each(
    'dissatisfaction is one step up',
    EASY,
    'haiku',
    ['sonnet'],
    ["that's wrong", "this doesn't work", 'stimmt nicht'],
  ),
  ...each(
    'the same question again is one step up',
    WORK,
    'sonnet',
    ['opus'],
    [
      'Explain the difference between OSPF and IS-IS, and when to use which one',
      'Explain difference between OSPF and IS-IS and when to use which please',
    ],
  ),
  ...each(
    'a new question is no complaint',
    WORK,
    'sonnet',
    ['haiku', 'sonnet'],
    ['Which port does BGP use?', 'Write a bash script that pings ten hosts'],
  ),
  ...(['refused', 'cut', 'empty', 'tool_errors', 'same_tool_call'] as const).map(
    (badEnd): Reply => ({
      rule: 'a failed answer is one step up',
      turns: [EASY, 'List the devices in DC14'],
      previous: 'haiku',
      more: { badEnd },
      expect: ['sonnet'],
    }),
  ),
  ...[1, 2].map(
    (attempts): Reply => ({
      rule: 'a retry is one step up',
      turns: [EASY],
      previous: 'haiku',
      more: { attempts },
      expect: ['sonnet'],
    }),
  ),
  {
    rule: 'a retry is one step up',
    turns: [WORK],
    previous: 'sonnet',
    more: { attempts: 1 },
    expect: ['opus'],
  },
  {
    rule: 'there is nothing above Opus',
    turns: [HARD],
    previous: 'opus',
    more: { attempts: 3 },
    expect: ['opus'],
  },
  { rule: 'a chore is for Haiku', turns: [HARD], previous: 'opus', more: { chore: true }, expect: ['haiku'] },
  {
    rule: 'a document is not for Haiku',
    turns: ['What does it say?'],
    previous: null,
    more: { documents: 1 },
    expect: ['sonnet', 'opus'],
  },
  {
    rule: 'one photo is no reason',
    turns: ['What is in this photo?'],
    previous: null,
    more: { images: 1 },
    expect: ['haiku'],
  },
  {
    rule: 'three images are',
    turns: ['What is in these photos?'],
    previous: null,
    more: { images: 3 },
    expect: ['sonnet', 'opus'],
  },
  {
    rule: 'a coding loop is for Opus',
    turns: ['Fix the failing test in this repository'],
    previous: 'haiku',
    more: { step: { onCode: true, toolResults: 2, tools: 'write', fromPassages: false } },
    expect: ['opus'],
  },
  {
    rule: 'a first look is for Haiku',
    turns: ['Fix the failing test in this repository'],
    previous: null,
    more: { step: { onCode: true, toolResults: 0, tools: 'write', fromPassages: false } },
    expect: ['haiku'],
  },
  {
    rule: 'a look-up with a tool is for Haiku',
    turns: ['List the devices in DC14'],
    previous: null,
    more: { step: { onCode: false, toolResults: 1, tools: 'read', fromPassages: false } },
    expect: ['haiku'],
  },
  {
    rule: 'many changes with tools are not for Haiku',
    turns: ['Rename the interfaces'],
    previous: null,
    more: { step: { onCode: false, toolResults: 7, tools: 'write', fromPassages: false } },
    expect: ['sonnet', 'opus'],
  },
  {
    rule: 'follow-ups fall a step in time',
    turns: [HARD, 'why?', 'and then?', 'and why?', 'and after that?'],
    previous: 'opus',
    expect: ['sonnet'],
  },
  {
    rule: 'a long text is not a hard one',
    turns: [`Summarize this meeting:\n${'Anna: we agreed on the date. Ben: yes. '.repeat(300)}`],
    previous: null,
    expect: ['haiku'],
  },
  { rule: 'an empty turn is for Sonnet', turns: [''], previous: null, expect: ['sonnet'] },
];
