import type { Answer } from '../world.ts';

/** What an action answers when it is done. */
export const success = (code = 201): Answer => ({
  status: code,
  object: { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code },
});
