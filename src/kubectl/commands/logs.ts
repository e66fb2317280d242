import { parseTime } from '../../base/time.ts';
import type { KubeObject, Pod } from '../../types/objects.ts';
import { type Query, type RestClient, statusOf, withQuery } from '../client/rest.ts';
import type { Command, FlagValues, Invocation } from '../command.ts';
import { asError, CommandError, isNotFound, StatusError } from '../errors.ts';
import { podRunningTimeoutFlag, SELECTOR_FLAG, usageError } from '../flags/common.ts';
import {
  byLogging,
  containersOf,
  defaultContainer,
  findContainer,
  goTypeName,
  podArgument,
  podSelectorOf,
  podsOf,
} from '../polymorphic/pods.ts';
import { describeSelectorError } from '../resource/builder.ts';
import { DeadlineError } from '../transport.ts';

const EXPECTED =
  "expected 'logs [-f] [-p] (POD | TYPE/NAME) [-c CONTAINER]'.\nPOD or TYPE/NAME is a required argument for the logs command";
/** Lines of each log when a selector chose the pods. */
const SELECTOR_TAIL = 10;

const command: Command = {
  name: 'logs',
  use: 'logs [-f] [-p] (POD | TYPE/NAME) [-c CONTAINER]',
  short: 'Print the logs for a container in a pod',
  long: 'Print the logs for a container in a pod or specified resource. The container name may be left out when the pod has only one.',
  examples: `
# Logs of pod nginx with one container
kubectl logs nginx

# Logs of pod nginx, each line with its pod and container
kubectl logs nginx --prefix

# At most 500 bytes of the logs of pod nginx
kubectl logs nginx --limit-bytes=500

# Logs of pod nginx, waiting up to 20 seconds for it to run
kubectl logs nginx --pod-running-timeout=20s

# Logs of all containers of pod nginx
kubectl logs nginx --all-containers=true

# Logs of all pods of the deployment nginx
kubectl logs deployment/nginx --all-pods=true

# Logs of all containers of the pods with the label app=nginx
kubectl logs -l app=nginx --all-containers=true

# Logs of the previous, ended container ruby of pod web-1
kubectl logs -p -c ruby web-1

# Follow the logs of the container ruby of pod web-1
kubectl logs -f -c ruby web-1

# The last 20 lines of the logs of pod nginx
kubectl logs --tail=20 nginx

# The logs of pod nginx of the last hour
kubectl logs --since=1h nginx

# Logs with their times from 2024-08-30 06:00:00 UTC on
kubectl logs nginx --since-time=2024-08-30T06:00:00Z --timestamps=true

# Logs of the first container of job hello
kubectl logs job/hello

# Logs of the container nginx-1 of a pod of deployment nginx
kubectl logs deployment/nginx -c nginx-1`,
  flags: [
    { name: 'all-containers', type: 'bool', usage: "All containers' logs of the pod(s)." },
    { name: 'all-pods', type: 'bool', usage: 'Logs of all pods; sets --prefix.' },
    { name: 'container', shorthand: 'c', type: 'string', usage: 'The logs of this container' },
    { name: 'follow', shorthand: 'f', type: 'bool', usage: 'Go on printing what is logged.' },
    { name: 'ignore-errors', type: 'bool', usage: 'Errors while following are not fatal' },
    {
      name: 'insecure-skip-tls-verify-backend',
      type: 'bool',
      usage: 'Do not check the identity of the kubelet that gives the logs.',
    },
    { name: 'limit-bytes', type: 'int64', usage: 'Bytes of logs to return at most; 0 for all.' },
    {
      name: 'max-log-requests',
      type: 'int',
      default: '5',
      usage: 'How many logs may be followed at once when a selector is used.',
    },
    podRunningTimeoutFlag('20s'),
    { name: 'prefix', type: 'bool', usage: 'Begin each line with its source (pod and container)' },
    {
      name: 'previous',
      shorthand: 'p',
      type: 'bool',
      usage: 'The logs of the previous container of the pod, if there was one.',
    },
    SELECTOR_FLAG,
    {
      name: 'since',
      type: 'duration',
      usage: 'Only logs that are newer than this (5s, 2m, or 3h). Not with --since-time.',
    },
    { name: 'since-time', type: 'string', usage: 'Only logs after this date (RFC3339). Not with --since.' },
    {
      name: 'tail',
      type: 'int64',
      default: '-1',
      usage: 'Last lines to print: all by default, 10 when a selector is used.',
    },
    { name: 'timestamps', type: 'bool', usage: 'Begin each line with its time' },
  ],
  run: logs,
};

export default command;

/** One container's log. */
interface LogRequest {
  pod: Pod;
  container: string;
  query: Query;
}

async function logs(invocation: Invocation): Promise<void> {
  const { flags, args, environment } = invocation;
  const selector = flags.string('selector');
  if ((args.length === 0 && !selector) || args.length > 2) throw usageError(invocation, EXPECTED);
  if (args.length === 1 && selector) throw usageError(invocation, 'only a selector (-l) or a POD name is allowed');
  if (flags.duration('pod-running-timeout') <= 0) {
    throw new CommandError('--pod-running-timeout must be higher than zero');
  }
  const container = args[1] ?? flags.string('container');
  const query = logQuery(flags);
  const target = await findTarget(invocation);
  validate(flags, args, container);
  const requests = await requestsFor(invocation, target, container, query);
  if (flags.bool('follow') && requests.length > flags.int('max-log-requests')) {
    throw new CommandError(
      `you are attempting to follow ${requests.length} log streams, but maximum allowed concurrency is ${flags.int('max-log-requests')}, use --max-log-requests to increase the limit`,
    );
  }
  const client = await invocation.factory.client();
  const read = async (request: LogRequest) => {
    const prefix = flags.bool('prefix') || flags.bool('all-pods') ? prefixOf(request) : '';
    try {
      await readLog(
        client,
        request,
        flags.bool('follow'),
        lineWriter(prefix, (text) => environment.io.out(text)),
      );
    } catch (error) {
      if (!flags.bool('ignore-errors')) throw error;
      environment.io.out(`error: ${asError(error).message}\n`);
    }
  };
  if (flags.bool('follow')) await Promise.all(requests.map(read));
  else for (const request of requests) await read(request);
}

/** PodLogOptions as the API takes them. */
function logQuery(flags: FlagValues): Query {
  const tail = flags.int('tail');
  const bySelector = flags.string('selector') !== '' && tail === -1 && !flags.changed('tail');
  const since = flags.duration('since');
  const sinceTime = flags.string('since-time');
  if (sinceTime) checkTime(sinceTime);
  return {
    follow: flags.bool('follow') || undefined,
    previous: flags.bool('previous') || undefined,
    timestamps: flags.bool('timestamps') || undefined,
    sinceSeconds: since ? Math.ceil(since / 1000) : undefined,
    sinceTime,
    tailLines: bySelector ? SELECTOR_TAIL : tail === -1 ? undefined : tail,
    limitBytes: flags.int('limit-bytes') || undefined,
    insecureSkipTLSVerifyBackend: flags.bool('insecure-skip-tls-verify-backend') || undefined,
  };
}

function checkTime(text: string): void {
  try {
    parseTime(text);
  } catch (error) {
    throw new CommandError(asError(error).message);
  }
}

function validate(flags: FlagValues, args: string[], container: string): void {
  const refuse = (wrong: boolean, message: string) => {
    if (wrong) throw new CommandError(message);
  };
  refuse(
    flags.string('since-time') !== '' && flags.duration('since') !== 0,
    'at most one of `sinceTime` or `sinceSeconds` may be specified',
  );
  refuse(
    flags.bool('all-containers') && container !== '',
    `--all-containers=true should not be specified with container name ${container}`,
  );
  refuse(flags.changed('container') && args.length === 2, 'only one of -c or an inline [CONTAINER] arg is allowed');
  refuse(flags.int('limit-bytes') < 0, '--limit-bytes must be greater than 0');
  refuse(flags.duration('since') < 0, '--since must be greater than 0');
  refuse(flags.int('tail') < -1, '--tail must be greater than or equal to -1');
}

/** The pod or workload whose logs are asked for; the pods of a selector. */
async function findTarget({ flags, args, factory, environment }: Invocation): Promise<KubeObject | Pod[]> {
  const { namespace } = await factory.namespace();
  const [argument] = args;
  if (argument === undefined) {
    const client = await factory.client();
    const labelSelector = flags.string('selector');
    const type = await factory.mapper.typeFor('pods');
    const pods = await client
      .list<Pod>(`/api/v1/namespaces/${namespace}/pods`, { labelSelector })
      .catch((error: Error) => Promise.reject(describeSelectorError(error, type, labelSelector, '')));
    if (pods.length === 0) environment.io.err(`No resources found in ${namespace} namespace.\n`);
    return pods;
  }
  try {
    const labelSelector = flags.string('selector');
    const { infos } = await factory.builder({ args: argument ? [podArgument(argument)] : [], labelSelector }).infos();
    return infos[0]!.object!;
  } catch (error) {
    if (!isNotFound(error)) throw error;
    throw new CommandError(
      `error from server (NotFound): ${asError(error).message} in namespace ${JSON.stringify(namespace)}`,
    );
  }
}

async function requestsFor(
  invocation: Invocation,
  target: KubeObject | Pod[],
  container: string,
  query: Query,
): Promise<LogRequest[]> {
  const { flags, factory, environment } = invocation;
  const ofPods = (pods: Pod[], quiet: boolean) =>
    pods.flatMap((pod) => podRequests(invocation, pod, container, query, quiet));
  if (Array.isArray(target)) return ofPods(target, flags.bool('all-pods'));
  if (target.kind === 'Pod') return ofPods([target as Pod], flags.bool('all-pods'));
  let selector: string;
  try {
    selector = podSelectorOf(target);
  } catch (error) {
    throw new CommandError(`cannot get the logs from ${goTypeName(target)}: ${asError(error).message}`);
  }
  const timeout = flags.duration('pod-running-timeout');
  const pods = await podsOf(factory, target.metadata.namespace ?? '', selector, timeout, byLogging);
  if (pods.length > 1 && !flags.bool('all-pods')) {
    environment.io.err(`Found ${pods.length} pods, using pod/${pods[0]!.metadata.name}\n`);
  }
  return flags.bool('all-pods') ? ofPods(pods, true) : ofPods(pods.slice(0, 1), false);
}

function podRequests(
  { flags, environment }: Invocation,
  pod: Pod,
  container: string,
  query: Query,
  quiet: boolean,
): LogRequest[] {
  if (flags.bool('all-containers')) {
    const all = containersOf(pod);
    const inOrder = ['initContainers', 'containers', 'ephemeralContainers'].flatMap((field) =>
      all.filter((each) => each.field === field),
    );
    return inOrder.map((each) => ({ pod, container: each.container.name, query }));
  }
  const name = container || defaultContainer(pod, quiet ? () => {} : environment.io.err).name;
  if (!findContainer(pod, name)) {
    throw new CommandError(`container ${name} is not valid for pod ${pod.metadata.name}`);
  }
  return [{ pod, container: name, query }];
}

const prefixOf = ({ pod, container }: LogRequest): string => `[pod/${pod.metadata.name}/${container}] `;

/** Passes text on line by line, each behind the prefix. */
function lineWriter(prefix: string, out: (text: string) => void): (text: string) => void {
  if (!prefix) return out;
  let midLine = false;
  return (text) => {
    for (const line of text.match(/[^\n]*\n|[^\n]+$/g) ?? []) {
      out(midLine ? line : prefix + line);
      midLine = !line.endsWith('\n');
    }
  };
}

async function readLog(
  client: RestClient,
  { pod, container, query }: LogRequest,
  follow: boolean,
  write: (text: string) => void,
): Promise<void> {
  const { namespace, name } = pod.metadata;
  const path = `/api/v1/namespaces/${namespace}/pods/${name}/log`;
  if (!follow) {
    write((await client.send('GET', path, { query: { ...query, container } })).text());
    return;
  }
  let silent = true;
  const tell = (text: string) => {
    silent &&= text === '';
    write(text);
  };
  const asked = withQuery(path, { ...query, container });
  const response = await client.transport
    .follow(asked, 'follows', tell, client.timeoutMs || undefined)
    .catch((error: Error) => {
      const reading = error instanceof DeadlineError && silent;
      throw reading
        ? new CommandError(`${error.message} (Client.Timeout or context cancellation while reading body)`)
        : error;
    });
  if (response.status >= 400) throw new StatusError(statusOf(response));
}
