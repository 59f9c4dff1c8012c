import type { Page } from 'playwright-core';
import type { Answer, Message, Routing, ServerFrame } from '../shared/index.ts';
import type { State } from './states.ts';
import { MARKDOWN_ANSWER } from './states-texts.ts';
import { answer, ask, MODELS, QUESTION, session } from './states-world.ts';

/** The states of Automatic's reasoning, and of conversations with more than one version. */
const ROUTING: Routing = {
  mode: 'balanced',
  tier: 'sonnet',
  score: 0.47,
  reason_params: { wanted: 'sonnet', times_dearer: 1.7 },
  tiers: {
    haiku: { quality: 0.68, cost_usd: 0.0041 },
    sonnet: { quality: 0.91, cost_usd: 0.0124 },
    opus: { quality: 0.93, cost_usd: 0.0207 },
  },
};

const chosen: Partial<Answer> = {
  reason: 'Sonnet: something to plan or to build; Opus would cost about 2 times as much.',
  reason_code: 'design',
  routing: ROUTING,
  always_usd: { haiku: 0.002446, sonnet: 0.007337, opus: 0.012229 },
};

const FIRST: Message[] = [ask('u1', QUESTION), answer('a1', 'u1', MARKDOWN_ANSWER, chosen)];

/** Asked for by a person, after a close choice. */
const BY_OPUS = answer('a2', 'u1', 'One /25 for each office. The second half of the /22 stays free.', {
  actual_model: 'claude-opus-5-5',
  reason: 'Opus: you asked for it.',
  reason_code: 'chosen_tier',
  redo_tier: 'opus',
  routing: { ...ROUTING, tier: 'opus', reason_params: { wanted: 'opus', times_dearer: null } },
  always_usd: { haiku: 0.001, sonnet: 0.003, opus: 0.0051 },
  cost_usd: 0.0051,
});

const REDONE: Message[] = [...FIRST, BY_OPUS];
/** The second question has two versions, the first question's answer too. */
const EDITED: Message[] = [
  ...REDONE,
  ask('u3', 'And what about growth?', 'a2'),
  answer('a4', 'u3', 'Three /25 stay free.', chosen),
  ask('u5', 'And what if two offices double?', 'a2'),
  answer('a6', 'u5', 'Then they take two of the free /25.', chosen),
];

const SECOND_OPINION: Message[] = [
  ask('u1', QUESTION),
  answer('a1', 'u1', 'One /25 for each office.', {
    ...chosen,
    reason: 'Sonnet: Haiku was asked and would not take it on itself.',
    reason_code: 'second_opinion',
    routing: {
      ...ROUTING,
      mode: 'quality',
      second_opinion: { tier: 'sonnet', cost_usd: 0.00021, duration_ms: 412 },
    },
    always_usd: { haiku: 0.0011, sonnet: 0.0031, opus: null },
  }),
];

const look = async (page: Page): Promise<void> => {
  await page.getByText('Why this model?').last().click();
  await page.getByRole('table', { name: /^The three models/ }).waitFor();
};
const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });

/** An error about the one thing that the person asks for. */
const TOO_DEAR: ServerFrame = {
  type: 'error',
  code: 'budget_exhausted',
  message: 'Your spending limit for today leaves too little for this answer.',
  retryable: false,
};

export const AUTOMATIC_STATES: State[] = [
  { name: 'why', frames: [session(FIRST)], act: look },
  { name: 'why-second-opinion', frames: [session(SECOND_OPINION)], act: look },
  { name: 'why-asked-for', frames: [session(REDONE)], act: look },
  {
    name: 'receipt',
    frames: [session(REDONE)],
    act: async (page) => {
      await page.locator('summary', { hasText: 'Receipt:' }).last().click();
      await page.getByText('Always one model').waitFor();
    },
  },
  {
    name: 'spent',
    frames: [session(REDONE)],
    act: async (page) => {
      await button(page, 'History').click();
      await page.getByRole('dialog').getByText('This conversation cost').waitFor();
    },
  },
  { name: 'versions', frames: [session(EDITED)] },
  {
    name: 'earlier-version',
    frames: [session(EDITED)],
    act: async (page) => {
      await button(page, 'Previous version of the answer').click();
      await page.getByText('You are looking at an earlier version').waitFor();
    },
  },
  {
    name: 'redo-menu',
    models: MODELS.map((model) =>
      model.id === 'claude-haiku-5-5'
        ? { ...model, status: 'unavailable', reason: 'Anthropic reports that it is overloaded.' }
        : model,
    ),
    frames: [session(REDONE)],
    act: async (page) => {
      await button(page, 'Redo with another model').click();
      await page.getByRole('menuitem', { name: /^Redo with Haiku/, disabled: true }).waitFor();
    },
  },
  {
    name: 'redo-refused',
    frames: [session(FIRST)],
    answers: TOO_DEAR,
    act: async (page) => {
      await button(page, 'Try again').click();
      await page.getByText(/^Not sent/).waitFor();
    },
  },
  {
    name: 'redo-waiting',
    frames: [session(FIRST)],
    close: { code: 1006, reason: '' },
    act: async (page) => {
      await page.getByTitle('Reconnecting').waitFor();
      await button(page, 'Try again').click();
      await page.getByText('Another answer waits for the connection').waitFor();
    },
  },
  {
    name: 'editing',
    frames: [session(EDITED)],
    act: async (page) => {
      await button(page, 'Edit the question').last().click();
      await page
        .getByRole('textbox', { name: 'Edit the question' })
        .fill('And what if three offices double?');
    },
  },
];
