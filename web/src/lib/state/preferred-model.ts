import { isChoosable, type Model } from '#lib/wire.ts';

/**
 * What becomes of the remembered choice of a model.
 * change: ask the server for it. tell: it cannot be chosen now, and the person should know. forget: it does not
 * exist any more. keep: nothing to do.
 */
export type Preference =
  | { kind: 'change'; model: string }
  | { kind: 'tell'; model: Model }
  | { kind: 'forget' }
  | { kind: 'keep' };

/** `models` is null when the list could not be had: then nothing is known about the wish. */
export function preferenceFor(
  wanted: string | null,
  current: string,
  models: readonly Model[] | null,
): Preference {
  if (wanted === null || wanted === current || models === null) return { kind: 'keep' };
  const model = models.find((entry) => entry.id === wanted);
  if (!model) return { kind: 'forget' };
  // A retired one is the server's to replace by its successor (R6).
  return isChoosable(model) || model.status === 'retired'
    ? { kind: 'change', model: wanted }
    : { kind: 'tell', model };
}
