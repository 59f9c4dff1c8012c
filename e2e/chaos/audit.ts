import * as z from 'zod/mini';
import type { Book } from './book.ts';
import { checkFollower, pairs } from './checks.ts';
import type { Life } from './life.ts';

const acceptedFrame = z.object({ type: z.literal('message_accepted'), reply_id: z.string() });
const endFrame = z.object({ type: z.literal('message_end'), message_id: z.string() });

/** The last look: every conversation from its first number on, as far as numbers were not lost. */
export async function audit(life: Life): Promise<void> {
  const { book, api } = life;
  const [reader] = life.followers;
  if (reader === undefined) return;
  const accepted = [...book.questions.values()].flatMap(({ accepted }) => accepted ?? []);
  for (const [id, { hasHole, wires }] of book.conversations) {
    const asked = accepted.filter(({ conversation }) => conversation === id).length;
    if (asked === 0) continue;
    const archive = await api.conversation(id);
    if (pairs(book, archive).length !== asked) book.fail(`${id} has not its ${asked} questions`);
    if (hasHole) continue;
    if (reader.conversation !== id) reader.send({ type: 'open', conversation_id: id });
    await book.until(`C5 ${id} is opened`, () => reader.conversation === id && reader.isThere);
    reader.connect({ style: 'old', cursor: { conversation: id, after: '0' } });
    await book.until(`R2 ${id} from its beginning`, () => reader.isThere && reader.last >= reader.promised);
    checkFollower(book, reader, archive, life.setting.tally);
    if (wires.size !== reader.last)
      book.fail(`R1 ${id} has ${wires.size} frames up to number ${reader.last}`);
    checkEnds(book, id);
  }
}

/** R1: each S2 is followed by exactly one S6 for its answer, before the next S2. */
function checkEnds(book: Book, id: string): void {
  const { wires } = book.conversation(id);
  let running: string | null = null;
  for (let seq = 1; seq <= wires.size; seq += 1) {
    const frame: unknown = JSON.parse(wires.get(seq) ?? 'null');
    const accepted = acceptedFrame.safeParse(frame);
    const end = endFrame.safeParse(frame);
    if (accepted.success) {
      if (running !== null) book.fail(`R7 an S2 while ${running} was running`);
      running = accepted.data.reply_id;
    }
    if (end.success) {
      if (running !== end.data.message_id) book.fail(`R1 an S6 for ${end.data.message_id}, not ${running}`);
      running = null;
    }
  }
  if (running !== null) book.fail(`R1 no S6 for ${running}`);
}
