import { goQuote } from '../base/go-quote.ts';
import type { KubeObject } from '../types/objects.ts';
import type { PodScope } from './pod/scope.ts';

const CONFIG = '/etc/containerd/config.toml';

/** The runtimes that a node's containerd is configured with. */
function configured({ world, platform, worker }: PodScope): string[] {
  const files = platform.hostFiles(world, worker.node);
  const text = files.stat(CONFIG) ? files.read(CONFIG) : '';
  return ['runc', ...[...text.matchAll(/\.runtimes\."?([\w-]+)"?\s*\]/g)].map(([, name]) => name!)];
}

/** The handler of a pod's runtime class, or why the node's runtime has none: the runtime's words. */
export function runtimeHandler(scope: PodScope, sandbox: string): { handler: string } | { failure: string } {
  const name = scope.pod!.spec!.runtimeClassName;
  if (!name) return { handler: '' };
  const found = scope.world.client.get('runtimeclasses.node.k8s.io', '', name);
  if (!found) return { failure: `runtimeclass.node.k8s.io ${goQuote(name)} not found` };
  const { handler } = found as KubeObject & { handler: string };
  if (configured(scope).includes(handler)) return { handler };
  const { containerRuntimeVersion } = scope.machine;
  const unknown = (why: string) => ({ failure: `rpc error: code = Unknown desc = ${why}` });
  if (containerRuntimeVersion.startsWith('docker')) return unknown(`RuntimeHandler ${goQuote(handler)} not supported`);
  const step = /^containerd:\/\/[01]\./.test(containerRuntimeVersion)
    ? 'failed to get sandbox runtime'
    : `unable to get OCI runtime for sandbox ${goQuote(sandbox)}`;
  return unknown(`${step}: no runtime for ${goQuote(handler)} is configured`);
}
