import type { CommandContext, CommandResult } from '../../sh/process.ts';
import type { Options } from '../../sh/tools/tool.ts';
import { type DockerContainer, dockerContainers } from '../docker/model.ts';
import type { NodeHost } from '../host.ts';

/** The kubelet's containers and images are in this namespace of containerd. */
export const KUBERNETES = 'k8s.io';

/** What a verb of nerdctl works with. */
export interface Call {
  host: NodeHost;
  context: CommandContext;
  options: Options;
  namespace: string;
}

export interface Verb {
  summary: string;
  short: string;
  long: string[];
  /** How many operands it wants, at least or exactly. */
  wants?: { count: number; exactly?: true };
  /** Its first operand ends its options. */
  command?: boolean;
  /** It needs no containerd. */
  alone?: boolean;
  run(call: Call): CommandResult | Promise<CommandResult>;
}

/** What ends nerdctl: logrus prints it, and the exit code is 1. */
export class NerdctlError extends Error {}

/** What nerdctl calls a container of the kubelet's. */
export const nameOf = ({ record, sandbox }: DockerContainer): string => {
  const { namespace = '', name = '' } = record?.pod ?? sandbox?.pod ?? {};
  return `k8s://${namespace}/${name}${record ? `/${record.name}` : ''}`;
};

/** The containers of a namespace, the newest first. */
export const containersIn = ({ host, namespace }: Pick<Call, 'host' | 'namespace'>): DockerContainer[] =>
  namespace === KUBERNETES ? dockerContainers(host) : [];

/** The container whose id begins so; throws NerdctlError. */
export function containerOf(call: Call, reference: string, missing = 'no such container: '): DockerContainer {
  if (reference.startsWith('k8s://'))
    throw new NerdctlError(
      `specifying "k8s://..." form is not supported (Hint: specify ID instead): ${JSON.stringify(reference)}`,
    );
  const found = containersIn(call).filter(({ id }) => id.startsWith(reference));
  if (found.length > 1) throw new NerdctlError(`multiple IDs found with provided prefix: ${reference}`);
  if (found.length === 0) throw new NerdctlError(`${missing}${reference}`);
  return found[0]!;
}

/** Does something for each operand, says what it answers, and collects what goes wrong. */
export async function onEach(
  references: string[],
  act: (reference: string) => string | Promise<string>,
): Promise<CommandResult> {
  let stdout = '';
  const errors: string[] = [];
  for (const reference of references) {
    try {
      stdout += await act(reference);
    } catch (error) {
      if (!(error instanceof NerdctlError)) throw error;
      errors.push(error.message);
    }
  }
  if (errors.length === 0) return { stdout, stderr: '', code: 0 };
  throw Object.assign(new NerdctlError(`${errors.length} errors:\n${errors.join('\n')}`), { stdout });
}
