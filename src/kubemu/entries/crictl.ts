import { UserError } from '../../base/user-error.ts';
import { noteDeed, shellLine } from '../../cluster/deeds.ts';
import { ClusterSession } from '../../cluster/session.ts';
import { crictl } from '../../node/crictl/index.ts';
import { findCluster } from '../current.ts';
import { runProcess } from '../process.ts';

/** `crictl …` on the node that KUBEMU_NODE names, or on the first one. */
export function main(argv: string[]): void {
  void runProcess('crictl', async (streams) => {
    const { path } = await findCluster(process.env);
    const session = new ClusterSession({ path, command: ['crictl', ...argv].join(' '), flush: () => streams.flush() });
    const cluster = await session.writing();
    const wiring = await cluster.wire();
    const name = process.env.KUBEMU_NODE ?? cluster.spec.nodes[0]!.name;
    const host = wiring.node(name);
    if (!host) {
      const names = cluster.spec.nodes.map((node) => node.name).join(', ');
      throw new UserError(`there is no node named ${name}: KUBEMU_NODE may be one of ${names}`);
    }
    noteDeed(session, { kind: 'line', line: `KUBEMU_NODE=${name} ${shellLine(['crictl', ...argv])}` });
    const { stdout, stderr, code } = await crictl(host, {
      argv: ['crictl', ...argv],
      env: {},
      cwd: '/',
      user: 'root',
      stdin: '',
      machine: wiring.machine(host),
    });
    await session.letGo();
    streams.out(stdout);
    streams.err(stderr);
    return code;
  });
}
