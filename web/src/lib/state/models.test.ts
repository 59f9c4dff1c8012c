import { describe, expect, it } from 'vitest';
import type { Model } from '#lib/wire.ts';
import { ApiError } from './api.ts';
import { Models } from './models.svelte.ts';
import { aModel } from './test-frames.ts';

describe('the list of models', () => {
  it('has Automatic first, and names every id', () => {
    const models = new Models();
    models.set([
      aModel('haiku', 'available', { name: 'Haiku' }),
      aModel('auto', 'available', { is_automatic: true }),
    ]);
    expect(models.all.map((model) => model.id)).toEqual(['auto', 'haiku']);
    expect([models.nameOf('haiku'), models.nameOf('long-gone')]).toEqual(['Haiku', 'long-gone']);
  });

  it('is asked for once, however many want it at the same time; all of them wait for it', async () => {
    let asked = 0;
    let answer: (models: Model[]) => void = () => {};
    const models = new Models(() => {
      asked += 1;
      return new Promise((resolve) => {
        answer = resolve;
      });
    });
    const both = Promise.all([models.refresh(0), models.refresh(1)]);
    answer([aModel('auto')]);
    await both;
    expect([asked, models.loaded, models.all.length]).toEqual([1, true, 1]);
  });

  it('is not asked for again at once, but after a failure it is', async () => {
    let asked = 0;
    const models = new Models(async () => {
      asked += 1;
      if (asked === 1) throw new ApiError('not_configured', 'Set ANTHROPIC_API_KEY.');
      return [aModel('down', 'unavailable')];
    });
    await models.refresh(0);
    expect(models.error).toMatchObject({ code: 'not_configured', message: 'Set ANTHROPIC_API_KEY.' });
    await models.refresh(1);
    await models.refresh(2);
    expect([asked, models.error, models.choosable]).toEqual([2, null, false]);
  });
});
