import { describeFailure } from './errors.ts';
import type { KubectlEnvironment } from './io.ts';
import { Program } from './program.ts';

/**
 * Runs one kubectl command line (`argv` without the program's name); resolves with the exit code.
 * Everything it prints, errors too, goes to the environment's streams.
 */
export async function runKubectl(argv: string[], environment: KubectlEnvironment): Promise<number> {
  try {
    return await new Program(environment).run(argv);
  } catch (thrown) {
    const { text, code } = describeFailure(thrown);
    environment.io.err(text);
    return code;
  }
}
