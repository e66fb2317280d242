import { wallClock } from '../../base/clock.ts';
import { UserError } from '../../base/user-error.ts';
import { administratorOf } from '../../cluster/administrator.ts';
import { ClusterSession } from '../../cluster/session.ts';
import { emptyKubeconfig } from '../../kubectl/kubeconfig/config.ts';
import { sessionBackend } from '../../server/backend.ts';
import { addCluster } from '../../workstation/kubeconfig.ts';
import { findCluster } from '../current.ts';
import { writeKubeconfig } from '../kubeconfig.ts';
import type { ProcessStreams } from '../streams.ts';

/** `kubemu serve`: until it is interrupted. */
export async function serveCluster(streams: ProcessStreams, { port }: { port: number }): Promise<void> {
  const { path } = await findCluster(process.env);
  const { servingCertificate } = await import('../../server/certificate.ts');
  const { serve } = await import('../../server/serve.ts');
  const session = new ClusterSession({ path, command: 'kubemu serve' });
  const { state } = await session.writing();
  const certificate = await servingCertificate(state, wallClock.now());
  const about = state.section<unknown>('cluster');
  const name = about.get('name') as string;
  await session.letGo();
  const { url } = await serve({ backend: sessionBackend(session), certificate, port }).catch((error: Error) => {
    throw new UserError(`cannot serve on port ${port}: ${error.message}\nAnother port: kubemu serve --port 0`);
  });
  const kubeconfig = `${path.replace(/\.json$/, '')}.serve.kubeconfig`;
  const config = emptyKubeconfig();
  addCluster(config, name, { server: url, user: administratorOf(about), ca: certificate.cert });
  writeKubeconfig(kubeconfig, config);
  streams.out(
    `Serving cluster ${name} on ${url}; Ctrl-C ends it. For real clients:\n\n  export KUBECONFIG=${kubeconfig}\n\n`,
  );
  streams.flush();
  await new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  });
  await session.letGo();
}
