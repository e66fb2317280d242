import { ApiError } from '../request.ts';

/** What strconv.ParseUint says of a resourceVersion; undefined when it is a number of 64 bits, or ''. */
export function revisionError(text: string): string | undefined {
  const wrong = (why: string) => `strconv.ParseUint: parsing ${JSON.stringify(text)}: ${why}`;
  if (!/^[0-9]*$/.test(text)) return wrong('invalid syntax');
  return text !== '' && BigInt.asUintN(64, BigInt(text)) !== BigInt(text) ? wrong('value out of range') : undefined;
}

/** The resourceVersion that an object says, 0 for none (APIObjectVersioner.ObjectResourceVersion); throws a 500 for what is none. */
export function revisionOf(resourceVersion = ''): number {
  const problem = revisionError(resourceVersion);
  if (problem) throw new ApiError(500, '', problem);
  return Number(resourceVersion);
}

/** A revision that is not there yet: the real one waits for it, then gives up. */
export const tooLargeRevision = (wanted: number, current: number): ApiError =>
  new ApiError(504, 'Timeout', `Timeout: Too large resource version: ${wanted}, current: ${current}`, {
    causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
    retryAfterSeconds: 1,
  });

/** The same, where nothing waits. */
export const futureRevision = (): ApiError =>
  new ApiError(500, '', 'etcdserver: mvcc: required revision is a future revision');
