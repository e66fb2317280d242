import { UserError } from '../../../base/user-error.ts';
import type { ProcessStreams } from '../../streams.ts';

export async function importScenario(
  _streams: ProcessStreams,
  path: string,
  _options: { output?: string },
): Promise<void> {
  throw new UserError(`${path}: not yet`);
}
