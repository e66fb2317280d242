import { keyPairProblem } from '../../../base/key-pair.ts';
import { CommandError } from '../../errors.ts';

/** Refuses what is no certificate, no key, or not the same pair. */
export function checkKeyPair(cert: string, key: string): void {
  const problem = keyPairProblem(cert, key);
  if (problem) throw new CommandError(problem);
}
