import type { ApiServer } from '../api/server.ts';
import type { ActorWorld } from '../runtime/actor.ts';
import type { Command, FileSystem } from '../sh/process.ts';

/** Where images have kubectl. */
const PLACES = ['/usr/local/bin/kubectl', '/usr/bin/kubectl', '/bin/kubectl', '/opt/bitnami/kubectl/bin/kubectl'];

/** A deletion here does not wait for its end: this process' time stands still. */
function withoutWait(words: string[]): string[] {
  if (!words.includes('delete') || words.some((word) => word.startsWith('--wait'))) return words;
  const end = words.includes('--') ? words.indexOf('--') : words.length;
  return words.toSpliced(end, 0, '--wait=false');
}

/** kubectl inside a container whose image has it: with the pod's service account, where no kubeconfig is mounted. */
export function podCommands(world: ActorWorld, api: ApiServer, image: FileSystem): Record<string, Command> {
  if (!PLACES.some((path) => image.stat(path))) return {};
  const kubectl: Command = async (context) => {
    const [{ kubectlCommand }, { PodTransport }] = await Promise.all([
      import('./kubectl-command.ts'),
      import('./pod-transport.ts'),
    ]);
    const run = kubectlCommand({
      now: () => world.now(),
      words: withoutWait,
      randomSuffix: (length) => world.random.suffix(length),
      connect: async (target) => new PodTransport(world, api, context.machine, target),
    });
    return await run(context);
  };
  return { kubectl };
}
