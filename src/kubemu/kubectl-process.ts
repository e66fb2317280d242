import { existsSync } from 'node:fs';
import { wallClock } from '../base/clock.ts';
import { freshSeed, Random } from '../base/random.ts';
import type { ClusterSession } from '../cluster/session.ts';
import { CommandError } from '../kubectl/errors.ts';
import type { HostMachine, KubectlEnvironment } from '../kubectl/io.ts';
import { realHost } from './host.ts';
import { DEFAULT_CLUSTER, kubeconfigFile, stateFileByServer, stateFiles } from './locations.ts';
import type { ProcessStreams } from './streams.ts';

type Environment = HostMachine['env'];

/** What kubectl works with in a process of its own; `finish` makes its changes last. */
export function kubectlProcess(
  streams: ProcessStreams,
  command: string,
): { environment: KubectlEnvironment; finish(): Promise<void> } {
  const host = realHost();
  let session: ClusterSession | undefined;
  const environment: KubectlEnvironment = {
    io: streams,
    host,
    defaultKubeconfig: () => preparedKubeconfig(host.env, streams),
    now: () => session?.current?.clock.now() ?? wallClock.now(),
    randomSuffix: (length) => (session?.current?.random ?? new Random(freshSeed())).suffix(length),
    async connect(target) {
      const { ClusterSession } = await import('../cluster/session.ts');
      const { NotingTransport } = await import('../cluster/noting-transport.ts');
      session ??= new ClusterSession({
        path: locate(host.env, target.server),
        command,
        flush: () => streams.flush(),
      });
      return new NotingTransport({ session, target });
    },
  };
  return {
    environment,
    finish: async () => {
      await session?.letGo();
    },
  };
}

/** The state file behind a server's address. */
function locate(env: Environment, server: string): string {
  const found = stateFileByServer(env, server);
  if (found) return found;
  throw new CommandError(
    `the server ${server} is not one of kubemu's, and this kubectl talks to no other\nSee \`kubemu get clusters\`; unset KUBECONFIG to come back to kubemu's own configuration.`,
  );
}

/** kubemu's kubeconfig, which a first command makes together with the default cluster. */
async function preparedKubeconfig(env: Environment, streams: ProcessStreams): Promise<string> {
  const path = kubeconfigFile(env);
  if (existsSync(path)) return path;
  const { makeCluster, restoreKubeconfig } = await import('./clusters.ts');
  const { readPreset } = await import('../cluster/presets.ts');
  if (stateFiles(env).length > 0) {
    await restoreKubeconfig(env);
    return path;
  }
  await makeCluster(env, { ...readPreset('kubeadm'), metadata: { name: DEFAULT_CLUSTER } }, 'kubeadm');
  streams.err(
    `There was no cluster yet: made one named "${DEFAULT_CLUSTER}" (preset kubeadm); see \`kubemu --help\`.\n`,
  );
  return path;
}
