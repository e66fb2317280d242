import { goQuote } from '../base/go-quote.ts';
import type { ContainerRecord } from '../types/node-runtime.ts';
import type { Container } from '../types/objects.ts';
import { printed, runInContainer } from './containers.ts';
import { formatPod } from './names.ts';
import type { PodScope } from './pod/scope.ts';
import { nodeSide, servePort } from './ports.ts';
import { resolvePort } from './probe-handlers.ts';

type Handler = NonNullable<NonNullable<Container['lifecycle']>['postStart']>;

export interface HookResult {
  /** ms; at most the limit. */
  took: number;
  /** Why it failed, as a container's waiting message says it. */
  failure?: string;
  /** It would run on: the end of its container ends it. */
  runsOn?: true;
}

/** Runs a lifecycle hook (kubelet's lifecycle handlers) ahead of the cluster's time, for at most `limit` ms. */
export function runHook(
  scope: PodScope,
  container: Container,
  record: ContainerRecord,
  handler: Handler,
  limit: number,
): HookResult {
  const where = `for Container "${container.name}" in Pod "${formatPod(scope.pod!)}" failed - error:`;
  if (handler.sleep) return { took: Math.min(handler.sleep.seconds * 1000, limit) };
  if (handler.exec) {
    const command = handler.exec.command ?? [];
    const run = runInContainer(scope, record, command, limit);
    const start = `Exec lifecycle hook ([${command.join(' ')}]) ${where}`;
    if (run.failure) {
      const why = `rpc error: code = Unknown desc = failed to exec in container: failed to start exec "${scope.world.random.hex(64)}": OCI runtime exec failed: exec failed: unable to start container process: exec: "${command[0]}": ${run.failure}: unknown`;
      return { took: 0, failure: `${start} ${why}, message: ""` };
    }
    if (run.code === undefined) return { took: run.took, runsOn: true };
    if (run.code === 0) return { took: run.took };
    return {
      took: run.took,
      failure: `${start} command '${command.join(' ')}' exited with ${run.code}: ${printed(run, ['stderr'])}, message: ${goQuote(printed(run))}`,
    };
  }
  if (handler.httpGet) {
    const get = handler.httpGet;
    const port = resolvePort(container, get.port) ?? 0;
    const sandbox = scope.sandbox()!;
    const path = `/${(get.path ?? '').replace(/^\//, '')}`;
    const headers = { host: `${get.host || sandbox.ip}:${port}`, 'user-agent': 'kube-lifecycle/1.33' };
    const request = { method: 'GET', path, headers, client: nodeSide(sandbox) };
    const answer = servePort(scope.world, scope.platform, sandbox, scope.pod, port, request);
    if (!('failure' in answer)) return { took: 0 };
    const url = `${(get.scheme ?? 'HTTP').toLowerCase()}://${get.host || sandbox.ip}:${port}${path}`;
    const why = `Get "${url}": dial tcp ${get.host || sandbox.ip}:${port}: connect: connection refused`;
    return { took: 0, failure: `HTTP lifecycle hook (${get.path ?? ''}) ${where} ${why}` };
  }
  return { took: 0, failure: 'Cannot run handler: invalid handler' };
}
