import { JsonPath, relaxedJsonPath } from '../../base/jsonpath/index.ts';
import type { KubeObject } from '../../types/objects.ts';
import type { Command, Invocation } from '../command.ts';
import { AggregateFailure, asError, CommandError, isNotFound } from '../errors.ts';
import {
  ALL_NAMESPACES_FLAG,
  FIELD_SELECTOR_FLAG,
  filenameFlag,
  localRefusal,
  PRINT_FLAGS,
  RECURSIVE_FLAG,
  SELECTOR_FLAG,
} from '../flags/common.ts';
import { type Printable, printerFor } from '../printers/print-flags.ts';
import type { BuilderOptions } from '../resource/builder.ts';
import type { Info } from '../resource/info.ts';
import { type Deadline, deadlineFrom, untilDeleted, untilMet } from '../wait/until.ts';

const CREATE_POLL_MS = 500;

const command: Command = {
  name: 'wait',
  use: "wait ([-f FILENAME] | resource.group/resource.name | resource.group [(-l label | --all)]) [--for=create|--for=delete|--for condition=available|--for=jsonpath='{}'[=value]]",
  short: 'Experimental: Wait for a specific condition on one or many resources',
  long: `Experimental: Wait for a specific condition on one or many resources.

The command takes several resources and waits until each of them has the given condition in its status.

It can also wait until the resources are created or deleted, with "create" or "delete" as the value of --for.

A message is printed to standard output as soon as the condition is met. -o changes it.`,
  examples: `
# Wait until the pod "busybox1" has the condition "Ready"
kubectl wait --for=condition=Ready pod/busybox1

# The default value of a condition is true; another may stand after an equal sign (compared after folding case)
kubectl wait --for=condition=Ready=false pod/busybox1

# Wait until the pod "busybox1" has the phase "Running"
kubectl wait --for=jsonpath='{.status.phase}'=Running pod/busybox1

# Wait until pod "busybox1" is Ready, by JSONPath
kubectl wait --for='jsonpath={.status.conditions[?(@.type=="Ready")].status}=True' pod/busybox1

# Wait until the service "loadbalancer" has an ingress
kubectl wait --for=jsonpath='{.status.loadBalancer.ingress}' service/loadbalancer

# Wait until the secret "busybox1" is created, for up to 30s
kubectl create secret generic busybox1
kubectl wait --for=create secret/busybox1 --timeout=30s

# Wait until the pod "busybox1" is deleted, for up to 60s, after a "delete"
kubectl delete pod/busybox1
kubectl wait --for=delete pod/busybox1 --timeout=60s`,
  flags: [
    ...PRINT_FLAGS,
    { name: 'all', type: 'bool', usage: 'All resources of the types, in the namespace' },
    ALL_NAMESPACES_FLAG,
    FIELD_SELECTOR_FLAG,
    filenameFlag('Files that name the resource.'),
    {
      name: 'for',
      type: 'string',
      usage:
        "What to wait for: [create|delete|condition=condition-name[=condition-value]|jsonpath='{JSONPath expression}'=[JSONPath value]]. The default condition-value is true. Condition values are compared after folding case.",
    },
    { name: 'local', type: 'bool', usage: 'Do not contact the API server.' },
    { ...RECURSIVE_FLAG, default: 'true' },
    SELECTOR_FLAG,
    {
      name: 'timeout',
      type: 'duration',
      default: '30s',
      usage: 'How long to wait. Zero looks once, a negative value waits for a week.',
    },
  ],
  run: wait,
};

export default command;

/** Waits for one object; resolves with what is printed, nothing when there is no object to print. */
type Condition = (invocation: Invocation, info: Info, deadline: Deadline) => Promise<KubeObject | undefined>;

const whenMet =
  (met: (object: KubeObject) => boolean): Condition =>
  ({ factory }, info, deadline) =>
    untilMet(factory, info, deadline, met);

interface StatusObject extends KubeObject {
  status?: {
    conditions?: { type?: string; status?: string; observedGeneration?: number }[];
    observedGeneration?: number;
  };
}

/** A status condition of the object's present generation has the value. */
function hasCondition(name: string, value: string) {
  return (object: KubeObject): boolean => {
    const { metadata, status } = object as StatusObject;
    const condition = status?.conditions?.find(({ type }) => type?.toLowerCase() === name.toLowerCase());
    if (!condition) return false;
    const observed = condition.observedGeneration ?? status?.observedGeneration;
    if (metadata.generation !== undefined && observed !== undefined && observed < metadata.generation) return false;
    return condition.status?.toLowerCase() === value.toLowerCase();
  };
}

/** Splits at single equal signs; `==` belongs to the expression. */
function splitAtEquals(text: string): string[] {
  return text
    .replaceAll('==', '\0')
    .split('=')
    .map((part) => part.replaceAll('\0', '=='));
}

function jsonPathCondition(text: string): (object: KubeObject) => boolean {
  const parts = splitAtEquals(text);
  if (parts.length > 2) {
    throw new CommandError(
      "jsonpath wait format must be --for=jsonpath='{.status.readyReplicas}'=3 or --for=jsonpath='{.status.readyReplicas}'",
    );
  }
  const [expression = '', value] = parts;
  let path: JsonPath;
  try {
    const relaxed = relaxedJsonPath(expression);
    if (relaxed === '') throw new CommandError('jsonpath expression cannot be empty');
    path = new JsonPath(relaxed, { allowMissingKeys: true });
  } catch (error) {
    throw new CommandError(asError(error).message);
  }
  const wanted = value?.replace(/^['"]+|['"]+$/g, '');
  if (wanted === '') {
    throw new CommandError(
      "jsonpath wait has to have a value after equal sign, like --for=jsonpath='{.status.readyReplicas}'=3",
    );
  }
  return (object) => {
    const results = path.find(object);
    const [first = []] = results;
    if (first.length === 0) return false;
    if (results.length > 1) throw new CommandError('given jsonpath expression matches more than one list');
    if (first.length > 1) throw new CommandError('given jsonpath expression matches more than one value');
    if (wanted === undefined) return true;
    if (typeof first[0] === 'object' && first[0] !== null) {
      throw new CommandError('jsonpath leads to a nested object or list which is not supported');
    }
    return String(first[0]).trim() === wanted.trim();
  };
}

function conditionFor(text: string): Condition {
  if (text.toLowerCase() === 'delete') {
    return async ({ factory }, info, deadline) => {
      await untilDeleted(factory, info, deadline, info.object?.metadata.uid);
      return info.object;
    };
  }
  if (text.toLowerCase() === 'create') return async (_, info) => info.object;
  if (text.startsWith('condition=')) {
    const [, name = '', value = 'true'] = /^condition=([^=]*)(?:=(.*))?$/s.exec(text) ?? [];
    return whenMet(hasCondition(name, value));
  }
  if (text.startsWith('jsonpath=')) return whenMet(jsonPathCondition(text.slice('jsonpath='.length)));
  throw new CommandError(`unrecognized condition: ${JSON.stringify(text)}`);
}

async function wait(invocation: Invocation): Promise<void> {
  const { flags, args, factory, environment } = invocation;
  const print = await printerFor(invocation, 'condition met');
  const kind = flags.string('for').toLowerCase();
  if (flags.bool('local') && args.length > 0) throw localRefusal();
  await factory.restConfig();
  const condition = conditionFor(flags.string('for'));
  const { transport } = await factory.client();
  // The cluster is opened by its first use, and has no time before that.
  await transport.sleep(0, 'follows');
  const deadline = deadlineFrom(transport.now(), flags.duration('timeout'));
  const options: BuilderOptions = {
    args,
    filenames: flags.strings('filename'),
    recursive: flags.bool('recursive'),
    labelSelector: flags.string('selector'),
    fieldSelector: flags.string('field-selector'),
    // To this verb --all says only that no name need be given.
    allowEmptySelector: flags.bool('all'),
    allNamespaces: flags.bool('all-namespaces'),
    continueOnError: true,
    latest: true,
    ignoreNotFound: kind === 'delete',
  };
  if (kind === 'create') await untilCreated(invocation, options, deadline);
  let visited = 0;
  await factory.builder(options).visit(async (info) => {
    visited++;
    const object = await condition(invocation, info, deadline);
    if (object) environment.io.out(print(object as unknown as Printable));
  });
  if (visited === 0 && kind !== 'delete') throw new CommandError('no matching resources found');
}

/** Looks again and again until everything that was named exists. */
async function untilCreated({ factory }: Invocation, options: BuilderOptions, deadline: Deadline): Promise<void> {
  const { transport } = await factory.client();
  for (;;) {
    let found = 0;
    try {
      await factory.builder(options).visit(async () => {
        found++;
      });
    } catch (error) {
      const failures = error instanceof AggregateFailure ? error.errors : [error];
      // What a file names is found in the file: only the server can then say that it is not there.
      if (!failures.every(isNotFound) || options.filenames?.length) throw error;
      found = 0;
    }
    if (found > 0) return;
    if (transport.now() >= deadline.at) throw new CommandError('timed out waiting for the condition');
    await transport.sleep(Math.min(CREATE_POLL_MS, deadline.at - transport.now()), 'drives');
  }
}
