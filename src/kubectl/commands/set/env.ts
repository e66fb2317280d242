import { isEnvVarName } from '../../../base/names.ts';
import type { ConfigMap, Container, KubeObject, Secret } from '../../../types/objects.ts';
import type { Command, Invocation } from '../../command.ts';
import { podFieldResolver } from '../../describe/containers.ts';
import { containerResourceValue } from '../../describe/quantities.ts';
import { asError, CommandError, throwCollected } from '../../errors.ts';
import { SELECTOR_FLAG } from '../../flags/common.ts';
import { podSpecOf, readObjects, selectContainers, setDryRun, setFlags, updateObjects } from './update.ts';

type EnvVar = NonNullable<Container['env']>[number];
type Source = NonNullable<EnvVar['valueFrom']>;

/** `KEY=value`, `KEY-` and `-`, which reads more from standard input. */
async function parseEnv(specs: string[], { environment }: Invocation): Promise<{ env: EnvVar[]; remove: string[] }> {
  const env: EnvVar[] = [];
  const remove: string[] = [];
  const named = new Set<string>();
  for (const spec of specs) {
    const [name = '', value] = spec.split(/=(.*)/s);
    if (spec === '-') {
      const lines = (await environment.io.readStdin()).split('\n').map((line) => line.split('#')[0]!);
      for (const line of lines.filter((l) => l.includes('='))) {
        const [key = '', text = ''] = line.split(/=(.*)/s);
        env.push({ name: key, value: text });
      }
    } else if (value !== undefined) {
      const errors = isEnvVarName(name);
      if (errors.length) throw new CommandError(`${JSON.stringify(name)} is not a valid key name: ${errors.join(';')}`);
      if (named.has(name)) continue;
      named.add(name);
      env.push({ name, ...(value && { value }) });
    } else if (spec.endsWith('-')) remove.push(spec.slice(0, -1));
    else throw new CommandError(`unknown environment variable: ${spec}`);
  }
  if (remove.some((name) => named.has(name)))
    throw new CommandError('can not both modify and remove the same environment variable in the same command');
  return { env, remove };
}

/** Names of objects, then changes; `undefined` when they are mixed. */
function splitArguments(args: string[]): { resources: string[]; specs: string[] } | undefined {
  const isEnv = (arg: string) => /^.+=/s.test(arg) || arg.endsWith('-');
  const first = args.findIndex(isEnv);
  const at = first < 0 ? args.length : first;
  return args.slice(at).every(isEnv) ? { resources: args.slice(0, at), specs: args.slice(at) } : undefined;
}

/** Every key of a config map or secret as a variable that refers to it. */
async function envFrom(invocation: Invocation): Promise<EnvVar[]> {
  const { flags, factory } = invocation;
  const keys = flags.strings('keys');
  const builder = factory.builder({
    args: [flags.string('from')],
    allowEmptySelector: flags.bool('all'),
    continueOnError: true,
    flatten: true,
  });
  const { infos, errors } = await builder.infos();
  throwCollected(errors);
  return infos.flatMap(({ type, object }) => {
    const reference = { Secret: 'secretKeyRef', ConfigMap: 'configMapKeyRef' }[type.kind];
    if (!reference) throw new CommandError('unsupported resource specified in --from');
    const { data, metadata } = object as ConfigMap;
    return Object.keys(data ?? {})
      .filter((key) => !keys.length || keys.includes(key))
      .sort()
      .map((key) => {
        const name = key.replace(/[^a-zA-Z0-9_]/g, '_').toUpperCase();
        if (name !== key) factory.warn(`key ${key} transferred to ${name}`);
        return { name, valueFrom: { [reference]: { name: metadata.name, key } } as Source };
      });
  });
}

/** What a listing says of a reference. */
function referenceText(from: Source): string {
  if (from.configMapKeyRef) return `configmap ${from.configMapKeyRef.name}, key ${from.configMapKeyRef.key}`;
  if (from.secretKeyRef) return `secret ${from.secretKeyRef.name}, key ${from.secretKeyRef.key}`;
  if (from.fieldRef) return `field path ${from.fieldRef.fieldPath}`;
  if (from.resourceFieldRef)
    return `resource field ${from.resourceFieldRef.containerName ? `${from.resourceFieldRef.containerName}/` : ''}${from.resourceFieldRef.resource}`;
  return 'invalid valueFrom';
}

async function resolve(
  { factory }: Invocation,
  from: Source,
  object: KubeObject,
  container: Container,
): Promise<string> {
  const { namespace } = await factory.namespace();
  const client = await factory.client();
  const path = `/api/v1/namespaces/${namespace}`;
  if (from.secretKeyRef) {
    const { name, key } = from.secretKeyRef;
    const value = (await client.get<Secret & Record<string, unknown>>(`${path}/secrets/${name}`)).data?.[key];
    if (value === undefined) throw new CommandError(`key ${key} not found in secret ${name}`);
    return Buffer.from(value, 'base64').toString();
  }
  if (from.configMapKeyRef) {
    const { name, key } = from.configMapKeyRef;
    const value = (await client.get<ConfigMap & Record<string, unknown>>(`${path}/configmaps/${name}`)).data?.[key];
    if (value === undefined) throw new CommandError(`key ${key} not found in config map ${name}`);
    return value;
  }
  if (from.fieldRef) return podFieldResolver(object as never)(from.fieldRef.fieldPath);
  return containerResourceValue(container, from.resourceFieldRef?.resource ?? '', from.resourceFieldRef?.divisor);
}

async function list(invocation: Invocation, object: KubeObject, container: Container): Promise<boolean> {
  const { io } = invocation.environment;
  const failures = new Map<string, string[]>();
  io.out(`# ${object.kind} ${object.metadata.name}, container ${container.name}\n`);
  for (const { name, value = '', valueFrom } of container.env ?? []) {
    if (!valueFrom) io.out(`${name}=${value}\n`);
    else if (!invocation.flags.bool('resolve')) io.out(`# ${name} from ${referenceText(valueFrom)}\n`);
    else
      try {
        io.out(`${name}=${await resolve(invocation, valueFrom, object, container)}\n`);
      } catch (error) {
        io.out(`# ${name} from ${referenceText(valueFrom)}\n`);
        const { message } = asError(error);
        failures.set(message, [...(failures.get(message) ?? []), name]);
      }
  }
  const lines = [...failures].map(
    ([message, names]) => `error retrieving reference for ${names.sort().join(', ')}: ${message}\n`,
  );
  for (const line of lines.sort()) io.err(line);
  return failures.size === 0;
}

/** The variables after the changes: changed ones keep their places. */
function updateEnv(existing: EnvVar[], env: EnvVar[], remove: string[]): EnvVar[] {
  const byName = new Map(env.map((e) => [e.name, e]));
  const kept = existing.filter((e) => !remove.includes(e.name)).map((e) => byName.get(e.name) ?? e);
  const added = [...byName.values()].filter(
    (e) => !remove.includes(e.name) && !existing.some((old) => old.name === e.name),
  );
  return [...kept, ...added];
}

export const env: Command = {
  name: 'env',
  use: 'env RESOURCE/NAME KEY_1=VAL_1 ... KEY_N=VAL_N',
  short: 'Update environment variables on a pod template',
  examples: `
# Set a variable of a deployment, and take one away
kubectl set env deployment/registry STORAGE_DIR=/local OLD-

# Everything that a secret holds
kubectl set env --from=secret/mysecret deployment/myapp`,
  flags: [
    ...setFlags('the resource to update the env'),
    SELECTOR_FLAG,
    {
      name: 'containers',
      shorthand: 'c',
      type: 'string',
      default: '*',
      usage: 'Names of the containers to change; may hold wildcards',
    },
    { name: 'from', type: 'string', usage: 'A config map or secret whose keys become variables' },
    { name: 'prefix', type: 'string', usage: 'What to put before the names of variables' },
    { name: 'env', shorthand: 'e', type: 'stringArray', usage: 'A key-value pair for a variable of each container.' },
    { name: 'keys', type: 'stringSlice', usage: 'Keys to take from the resource of --from' },
    { name: 'list', type: 'bool', usage: 'Show the environment with the changes instead of making them.' },
    { name: 'resolve', type: 'bool', usage: 'Show the values of references when listing' },
    {
      name: 'overwrite',
      type: 'bool',
      default: 'true',
      usage: 'Let variables be overwritten; otherwise a change of an existing one is refused.',
    },
  ],
  async run(invocation) {
    const { flags, args, factory } = invocation;
    if (flags.bool('all') && flags.string('selector'))
      throw new CommandError('cannot set --all and --selector at the same time');
    const split = splitArguments(args);
    if (!split) throw new CommandError(`all resources must be specified before environment changes: ${args.join(' ')}`);
    const { resources, specs } = split;
    const dryRun = setDryRun(invocation);
    if (!flags.strings('filename').length && !resources.length)
      throw new CommandError('one or more resources must be specified as <resource> <name> or <resource>/<name>');
    if (flags.bool('list') && flags.string('output'))
      throw new CommandError('--list and --output may not be specified together');
    if (flags.strings('keys').length && !flags.string('from'))
      throw new CommandError('when specifying --keys, a configmap or secret must be provided with --from');
    const parsed = await parseEnv([...flags.strings('env'), ...specs], invocation);
    if (flags.string('from')) parsed.env.push(...(await envFrom(invocation)));
    const changes = parsed.env.map((e) => ({ ...e, name: flags.string('prefix') + e.name }));
    const infos = await readObjects(invocation, resources);
    const errors = await updateObjects(invocation, infos, {
      resources,
      dryRun,
      operation: 'env updated',
      failure: 'failed to patch env update to pod template: ',
      async mutate(draft) {
        const containers = selectContainers(podSpecOf(draft), flags.string('containers'));
        if (!containers.length)
          factory.warn(
            `${draft.kind}/${draft.metadata.name} does not have any containers matching ${JSON.stringify(flags.string('containers'))}`,
          );
        let resolved = true;
        for (const container of containers) {
          const taken = changes.find(
            (e) =>
              !flags.bool('overwrite') && container.env?.some((old) => old.name === e.name && old.value !== e.value),
          );
          if (taken) {
            const old = container.env?.find((e) => e.name === taken.name);
            throw new CommandError(
              `'${taken.name}' already has a value (${old?.value ?? ''}), and --overwrite is false`,
            );
          }
          const updated = updateEnv(container.env ?? [], changes, parsed.remove);
          if (updated.length) container.env = updated;
          else delete container.env;
          if (flags.bool('list')) resolved = (await list(invocation, draft, container)) && resolved;
        }
        if (!resolved) throw new CommandError('failed to retrieve valueFrom references');
        return !flags.bool('list');
      },
    });
    if (!flags.bool('list')) throwCollected(errors);
  },
};
