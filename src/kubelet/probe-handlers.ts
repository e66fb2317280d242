import { formatDuration } from '../base/duration.ts';
import type { ContainerRecord } from '../types/node-runtime.ts';
import type { Container, Probe } from '../types/objects.ts';
import { printed, runInContainer } from './containers.ts';
import type { PodScope } from './pod/scope.ts';
import { isListening, nodeSide, servePort } from './ports.ts';

export interface ProbeAnswer {
  result: 'success' | 'failure' | 'error';
  output: string;
  /** A success that still has something to say (a redirect to another host). */
  warning?: boolean;
  /** The next one may be another though nothing happens in between. */
  fleeting?: boolean;
}

const MAX_OUTPUT = 10 * 1024;
const success = (output = ''): ProbeAnswer => ({ result: 'success', output });
const failure = (output: string): ProbeAnswer => ({ result: 'failure', output });
const failed = (output: string): ProbeAnswer => ({ result: 'error', output });

/** A port by its number or by the name that the container gives it. */
export function resolvePort(container: Container, port: unknown): number | undefined {
  const number = Number(port);
  if (Number.isInteger(number)) return number;
  return container.ports?.find((candidate) => candidate.name === port)?.containerPort;
}

/** pkg/probe/exec: the command's exit code, its output on both streams. */
function exec(scope: PodScope, record: ContainerRecord, argv: string[], timeout: number): ProbeAnswer {
  const run = runInContainer(scope, record, argv, timeout);
  if (run.failure) {
    const id = scope.world.random.hex(64);
    return failed(
      `rpc error: code = Unknown desc = failed to exec in container: failed to start exec "${id}": OCI runtime exec failed: exec failed: unable to start container process: exec: "${argv[0]}": ${run.failure}: unknown`,
    );
  }
  if (run.code === undefined)
    return failure(`command timed out: "${argv.join(' ')}" timed out after ${formatDuration(timeout)}`);
  const output = printed(run).slice(0, MAX_OUTPUT);
  // What changed files once may find others the next time.
  return { result: run.code === 0 ? 'success' : 'failure', output, fleeting: run.wrote };
}

/** Whether an address that a probe names is the pod's: its own, or the node's loopback for a pod on the host's network. */
const isOwn = (scope: PodScope, host: string): boolean =>
  host === scope.sandbox()?.ip ||
  (scope.pod!.spec!.hostNetwork === true && (host === '127.0.0.1' || host === 'localhost'));

type HttpGet = NonNullable<Probe['httpGet']>;

/** pkg/probe/http: 200 to 399 is well, a redirect to another host a warning. */
function http(scope: PodScope, container: Container, get: HttpGet, timeout: number): ProbeAnswer {
  const port = resolvePort(container, get.port);
  if (port === undefined) return failed(`strconv.Atoi: parsing ${JSON.stringify(get.port)}: invalid syntax`);
  const sandbox = scope.sandbox()!;
  const host = get.host || sandbox.ip;
  const scheme = (get.scheme ?? 'HTTP').toLowerCase();
  const path = get.path ?? '';
  const address = `${host}:${port}`;
  const url = `${scheme}://${address}${path.startsWith('/') ? path : `/${path}`}`;
  const lost = (why: string) => failure(`Get "${url}": ${why}`);
  const headers = Object.fromEntries(
    (get.httpHeaders ?? []).map((header) => [header.name.toLowerCase(), header.value]),
  );
  const request = {
    method: 'GET',
    path: path.startsWith('/') ? path : `/${path}`,
    headers: { host: address, 'user-agent': 'kube-probe/1.33', accept: '*/*', ...headers },
    client: nodeSide(sandbox),
  };
  const answer =
    get.host && !isOwn(scope, get.host)
      ? throughNetwork(scope, get.host, port, request)
      : servePort(scope.world, scope.platform, sandbox, scope.pod, port, request);
  if ('failure' in answer) {
    if (answer.failure === 'refused') return lost(`dial tcp ${address}: connect: connection refused`);
    if (answer.failure === 'no-route') return lost(`dial tcp ${address}: connect: no route to host`);
    if (answer.failure === 'bad-address') return lost(`dial tcp: lookup ${host} on 127.0.0.53:53: no such host`);
    if (answer.failure === 'timeout')
      return lost('context deadline exceeded (Client.Timeout exceeded while awaiting headers)');
    return lost('EOF');
  }
  const { tls = false } = answer.response;
  if (scheme === 'https' && !tls) return lost('http: server gave HTTP response to HTTPS client');
  if (scheme === 'http' && tls) return failure('HTTP probe failed with statuscode: 400');
  const { status, headers: answered, body } = answer.response;
  void timeout;
  if (status >= 300 && status < 400) {
    const target = answered.location ?? answered.Location ?? '';
    if (/^https?:/.test(target) && !target.includes(host))
      return { result: 'success', output: `Probe terminated redirects, Response body: ${body}`, warning: true };
    return success(body);
  }
  const fleeting = 'fleeting' in answer.response && answer.response.fleeting === true;
  return status >= 200 && status < 300
    ? { ...success(body), fleeting }
    : failure(`HTTP probe failed with statuscode: ${status}`);
}

function throughNetwork(
  scope: PodScope,
  host: string,
  port: number,
  request: { method: string; path: string; headers: Record<string, string> },
) {
  const { namespace, node } = scope.worker;
  const network = scope.platform.network(scope.world, { namespace, node, ip: scope.machine.internalIP });
  const answer = network.http({ ...request, host, port });
  return 'failure' in answer ? { failure: answer.failure } : { response: answer as typeof answer & { tls?: boolean } };
}

/** Go's words for a connection that does not open. */
const DIAL = {
  refused: 'connect: connection refused',
  'no-route': 'connect: no route to host',
  timeout: 'i/o timeout',
};

function tcp(scope: PodScope, container: Container, spec: NonNullable<Probe['tcpSocket']>): ProbeAnswer {
  const port = resolvePort(container, spec.port);
  if (port === undefined) return failed(`strconv.Atoi: parsing ${JSON.stringify(spec.port)}: invalid syntax`);
  const sandbox = scope.sandbox()!;
  const host = spec.host || sandbox.ip;
  const state =
    spec.host && !isOwn(scope, spec.host)
      ? scope.platform
          .network(scope.world, {
            namespace: scope.worker.namespace,
            node: scope.worker.node,
            ip: scope.machine.internalIP,
          })
          .connect(host, port)
      : isListening(scope.world, scope.platform, sandbox, port)
        ? 'open'
        : 'refused';
  if (state === 'open') return success();
  return failure(
    state === 'bad-address'
      ? `dial tcp: lookup ${host} on 127.0.0.53:53: no such host`
      : `dial tcp ${host}:${port}: ${DIAL[state]}`,
  );
}

/** pkg/probe/grpc: a server that speaks no gRPC is found out by its silence; others answer the path of the health service. */
function grpc(scope: PodScope, port: number, timeout: number): ProbeAnswer {
  const sandbox = scope.sandbox()!;
  const answer = servePort(scope.world, scope.platform, sandbox, scope.pod, port, {
    method: 'POST',
    path: '/grpc.health.v1.Health/Check',
    headers: { host: `${sandbox.ip}:${port}`, 'content-type': 'application/grpc' },
  });
  if ('response' in answer && answer.response.body === 'SERVING') return success();
  const seconds = formatDuration(timeout);
  return failure(
    `timeout: failed to connect service "${sandbox.ip}:${port}" within ${seconds}: context deadline exceeded`,
  );
}

/** Asks a container the question of a probe. */
export function ask(scope: PodScope, container: Container, record: ContainerRecord, spec: Probe): ProbeAnswer {
  const timeout = (spec.timeoutSeconds ?? 1) * 1000;
  if (spec.exec) return exec(scope, record, spec.exec.command ?? [], timeout);
  if (spec.httpGet) return http(scope, container, spec.httpGet, timeout);
  if (spec.tcpSocket) return tcp(scope, container, spec.tcpSocket);
  if (spec.grpc) return grpc(scope, spec.grpc.port, timeout);
  return failed(
    `missing probe handler for ${scope.worker.name}_${scope.worker.namespace}(${scope.uid}):${container.name}`,
  );
}
