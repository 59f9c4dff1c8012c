/** What a person is asked about before it is deleted for good. */
export type Doomed =
  | { kind: 'conversation'; id: string; title: string; message_count: number }
  | { kind: 'everything' };
