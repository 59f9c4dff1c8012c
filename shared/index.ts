export * from './client-frames.ts';
export * from './conversation.ts';
export * from './errors.ts';
export * from './health.ts';
export * from './limits.ts';
export * from './models.ts';
export * from './protocol.ts';
export * from './server-frames.ts';
