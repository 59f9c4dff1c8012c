import type { ServerFrame } from '#lib/wire.ts';
import type { ArchiveReader } from './archive.svelte.ts';
import type { Deletions } from './deletions.svelte.ts';
import type { EarlierPages } from './earlier-pages.svelte.ts';
import type { ModelChoice } from './model-choice.svelte.ts';
import type { Models } from './models.svelte.ts';
import { newsOf } from './news.ts';
import type { Notices } from './notices.svelte.ts';

/** The parts of the page that learn what a frame changes beside the conversation. */
export type Listeners = {
  archive: ArchiveReader;
  earlier: EarlierPages;
  deletions: Deletions;
  models: Models;
  notices: Notices;
};

/** Tells the rest of the page, and the person, what a frame that is in the state means. */
export function tell(frame: ServerFrame, to: Listeners, choice: ModelChoice): void {
  if (frame.type === 'model_changed') choice.changed(frame);
  if (
    frame.type === 'model_changed' ||
    frame.type === 'conversation_reset' ||
    frame.type === 'conversation_opened'
  ) {
    to.archive.close();
    to.earlier.forget();
  }
  if (frame.type === 'conversation_deleted') {
    to.archive.removed(frame.conversation_id, to.deletions.isOwn(frame.conversation_id));
  }
  const news = newsOf(frame, (id) => to.models.nameOf(id));
  if (news && 'status' in news) to.notices.announce(news.status);
  else if (news) to.notices.info(news.notice.title, news.notice.detail);
}
