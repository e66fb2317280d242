import { kubectlCommand } from '../cluster/kubectl-command.ts';
import type { ClusterSession } from '../cluster/session.ts';
import { InProcessTransport } from '../cluster/transport.ts';
import type { Command } from '../sh/process.ts';

/** kubectl as a program of a machine beside the cluster, or of a node. `reach` throws where the machine does not reach that server. */
export const kubectl = (session: ClusterSession, place: { now(): number; reach(server: string): void }): Command =>
  kubectlCommand({
    now: place.now,
    randomSuffix: (length) => session.current!.random.suffix(length),
    async connect(target) {
      place.reach(target.server);
      return new InProcessTransport({ session, target });
    },
  });
