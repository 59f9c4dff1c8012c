import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import * as z from 'zod/mini';
import {
  clientFrameSchema,
  ERROR_CODES,
  healthSchema,
  modelSchema,
  PROTOCOL_VERSION,
  serverFrameSchema,
} from './index.ts';

/**
 * What each released version of the wire looked like: a new shape needs a new version, never another hash for an
 * old one. The last one is not released yet, so its hash follows what is added to it.
 */
const HASHES: Record<number, string> = {
  1: 'fdb78371183e5c04',
};

it('the wire of this version has not changed', () => {
  const wire = [clientFrameSchema, serverFrameSchema, modelSchema, healthSchema].map((schema) =>
    z.toJSONSchema(schema),
  );
  const hash = createHash('sha256')
    .update(JSON.stringify([wire, ERROR_CODES]))
    .digest('hex')
    .slice(0, 16);
  expect(hash).toBe(HASHES[PROTOCOL_VERSION]);
});
