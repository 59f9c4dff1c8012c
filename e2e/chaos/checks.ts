import type { Answer, Conversation, Message } from '../../shared/index.ts';
import type { Book, Question } from './book.ts';
import type { Follower } from './follower.ts';
import { callLine } from './mirror.ts';
import { joined, questionIn, type Script } from './script.ts';
import type { Tally } from './tally.ts';

/**
 * How far what is on disk may be behind what clients saw when the process is lost (R11: about a second), with
 * room for a machine that has too much to do, milliseconds.
 */
const STALE_MS = 4_000;

/** Where two texts part; null when they are the same. */
function parting(is: string, must: string): string | null {
  if (is === must) return null;
  let at = 0;
  while (at < is.length && is[at] === must[at]) at += 1;
  const show = (text: string) => JSON.stringify(text.slice(Math.max(0, at - 12), at + 24));
  return `of ${is.length} and ${must.length} characters; from ${at} on ${show(is)} and ${show(must)}`;
}

/** Whether a text is the beginning of another; half a character at its end counts as U+FFFD (it survives no UTF-8). */
function isBeginning(text: string, whole: string): boolean {
  if (whole.startsWith(text)) return true;
  const last = whole.charCodeAt(text.length - 1);
  return text.endsWith('\ufffd') && last >= 0xd800 && last <= 0xdbff && whole.startsWith(text.slice(0, -1));
}

/** What an undisturbed run of this script ends with; several where the fallback decides. */
function regularEnds(script: Script): string[] {
  const { refusals, ending } = script;
  const natural = { end_turn: 'complete', max_tokens: 'max_tokens', refusal: 'refused' };
  const end = ending in natural ? natural[ending as keyof typeof natural] : 'error';
  const [first] = refusals;
  if (first === undefined) return [end];
  return refusals.length === 1 && first !== 400 && first !== 401 ? [end] : [end, 'error'];
}

/** Compares one finished answer with what its upstream was told to say (R1, R3, R11). */
export function checkAnswer(book: Book, question: Question, answer: Answer, tally: Tally): void {
  const { script } = question;
  const { status } = answer;
  const allowed = regularEnds(script);
  if (question.mayBeStopped) allowed.push('stopped');
  if (question.mayBeInterrupted) allowed.push('interrupted');
  if (!allowed.includes(status)) {
    book.fail(`${question.id} ended with "${status}", not with ${allowed.join(' or ')}`, script, answer);
  }
  if (question.end !== null) {
    const told = question.end.stop_reason === 'end_turn' ? 'complete' : question.end.stop_reason;
    if (told !== status) book.fail(`${question.id} ended with "${told}", and the archive says "${status}"`);
  }
  const mayBeShort = status === 'stopped' || status === 'interrupted' || status === 'error';
  // An error before the first output leaves nothing; a broken connection may lose what was on its way.
  const isExact = !mayBeShort || (status === 'error' && answer.text !== '' && script.ending !== 'cut');
  for (const kind of ['text', 'thinking'] as const) {
    const is = (kind === 'text' ? answer.text : answer.thinking) ?? '';
    const must = joined(script, kind);
    if (isExact ? is === must : isBeginning(is, must)) continue;
    tally.charactersWrong += Math.abs(is.length - must.length) || 1;
    book.fail(`The ${kind} of ${question.id} ("${status}") is not the upstream's`, parting(is, must) ?? '');
  }
  tally.characters += answer.text.length + (answer.thinking?.length ?? 0);
  for (const { state, ok } of answer.tools ?? []) {
    if (state !== 'done' || ok === null) book.fail(`S5 a call of ${question.id} ("${status}") never ended`);
    if (!ok && !mayBeShort) book.fail(`S5 a call of ${question.id} ("${status}") failed`, answer.tools);
    tally.note(ok ? 'calls of tools' : 'calls of tools that were cut');
  }
  if (status === 'interrupted') checkStale(book, question, answer, tally);
  tally.ran(status);
}

function checkStale(book: Book, question: Question, answer: Answer, tally: Tally): void {
  const missing = question.seen.find(({ chars }) => chars > answer.text.length);
  if (missing === undefined) return;
  // What came later than a loss was not written by a run that this loss ended.
  const stale = (question.losses.find((at) => at >= missing.at) ?? missing.at) - missing.at;
  tally.staleMs = Math.max(tally.staleMs, Math.round(stale));
  if (stale > STALE_MS) {
    book.fail(`R11 ${question.id} lost text that was sent ${Math.round(stale)} ms before`, {
      stored: answer.text.length,
      seen: question.seenChars,
    });
  }
}

/** A client that is in step has what the archive has, character for character. */
export function checkFollower(book: Book, follower: Follower, archive: Conversation, tally: Tally): void {
  const messages = new Map(archive.messages.map((message) => [message.id, message]));
  for (const [id, seen] of follower.mirror.messages) {
    const message = messages.get(id);
    if (message === undefined) {
      book.fail(`${follower.name} has a message that the archive has not`, id, seen);
    }
    if (seen.status !== message.status) {
      book.fail(`${follower.name}: ${id} is "${seen.status}", in the archive "${message.status}"`);
    }
    if (!seen.isWhole) continue;
    const thinking = message.role === 'assistant' ? (message.thinking ?? '') : '';
    const difference = parting(seen.text, message.text) ?? parting(seen.thinking, thinking);
    if (difference !== null) {
      tally.charactersWrong += Math.abs(seen.text.length - message.text.length) || 1;
      book.fail(`${follower.name} and the archive differ in ${id}`, difference);
    }
    tally.characters += seen.text.length;
    const calls = message.role === 'assistant' ? (message.tools ?? []) : [];
    const [has, must] = [[...seen.tools], calls.map((call) => [call.call_id, callLine(call)])];
    if (JSON.stringify(has.toSorted()) !== JSON.stringify(must.toSorted())) {
      book.fail(`S5 ${follower.name} and the archive have other calls in ${id}`, has, must);
    }
  }
}

/** The questions of a conversation, each with its answer; the archive must be pairs of both, each question once. */
export function pairs(book: Book, archive: Conversation): { question: Question; answer: Answer }[] {
  const found: { question: Question; answer: Answer }[] = [];
  const { messages } = archive;
  for (let at = 0; at < messages.length; at += 2) {
    const [user, answer] = [messages[at], messages[at + 1]];
    if (user?.role !== 'user' || answer?.role !== 'assistant') {
      return book.fail(`${archive.id} is not question and answer in turn`, messages.map(brief));
    }
    const question = [...book.questions.values()].find(({ id }) => id === questionIn(user.text));
    if (question === undefined || question.message !== user.text)
      return book.fail('An unknown question', brief(user));
    if (found.some((one) => one.question === question))
      book.fail(`C1 ${question.id} is twice in ${archive.id}`);
    found.push({ question, answer });
  }
  return found;
}

function brief({ id, role, status, text }: Message): string {
  return `${id} ${role} ${status} ${text.slice(0, 40)}`;
}
