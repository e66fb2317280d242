import type { KubeObject, Pod } from '../../types/objects.ts';
import { Factory } from '../client/factory.ts';
import { groupResourceText, resourcePath } from '../client/mapper.ts';
import type { Flag, Invocation } from '../command.ts';
import { containersOf } from '../polymorphic/pods.ts';
import type { CobraCommand } from '../program.ts';

type Environment = Invocation['environment'];

/** What a shell may offer, and cobra's directive: 4 for no file names, 8 for files with the extensions that are given. */
export interface Offer {
  values: string[];
  directive: number;
}

/** What an argument's completion knows: the arguments before it, and the cluster. */
interface Situation {
  factory: Factory;
  before: string[];
  prefix: string;
}

type Completer = (situation: Situation) => Promise<string[]>;

const NO_SPACE = 2;
const NO_FILES = 4;
const EXTENSIONS: Offer = { values: ['json', 'yaml', 'yml'], directive: 8 };

/** `resource.group` of everything that can be got. */
const resourceTypes: Completer = async ({ factory }) => {
  const types = (await factory.mapper.all()).filter(({ verbs }) => verbs.includes('get'));
  const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
  const sorted = types.toSorted((a, b) => compare(a.group, b.group) || compare(a.resource, b.resource));
  return [...new Set(sorted.map(groupResourceText))];
};

/** Names of the objects of a type that no earlier argument names. */
async function names({ factory, before }: Situation, type: string, taken = before): Promise<string[]> {
  const { namespace } = await factory.namespace();
  const client = await factory.client();
  const found: string[] = [];
  for (const each of type.split(',')) {
    const objects = await client.list<KubeObject>(resourcePath(await factory.mapper.typeFor(each), namespace));
    found.push(...objects.map(({ metadata }) => metadata.name ?? ''));
  }
  return found.filter((name) => !taken.includes(name));
}

/** TYPE, then NAMEs; or TYPE/NAME throughout. */
const typeAndName =
  (allowed?: string[]): Completer =>
  async (situation) => {
    const { before, prefix } = situation;
    const slash = prefix.indexOf('/');
    if (slash > 0) {
      const type = prefix.slice(0, slash);
      return (await names(situation, type, []))
        .map((name) => `${type}/${name}`)
        .filter((each) => !before.includes(each));
    }
    if (before.length === 0) return allowed ?? resourceTypes(situation);
    if (before[0]!.includes('/')) return [];
    return names(situation, before[0]!, before.slice(1));
  };

const onlyOnce =
  (type: string): Completer =>
  async (situation) =>
    situation.before.length > 0 ? [] : names(situation, type, []);

const many =
  (type: string): Completer =>
  (situation) =>
    names(situation, type);

/** A pod, or TYPE/NAME of something that has pods. */
const podOrWorkload: Completer = async (situation) => {
  const { before, prefix } = situation;
  if (before.length > 0) return [];
  if (prefix.includes('/')) return typeAndName()(situation);
  const types = [
    'daemonsets',
    'deployments',
    'pods',
    'jobs',
    'replicasets',
    'replicationcontrollers',
    'services',
    'statefulsets',
  ];
  return [...(await names(situation, 'pods', [])), ...types.map((type) => `${type}/`)];
};

/** After the pod, its containers. */
const podThenContainer: Completer = async (situation) => {
  const { before, factory } = situation;
  if (before.length === 0) return podOrWorkload(situation);
  if (before.length > 1) return [];
  return containerNames(factory, before[0]!);
};

const containersOfPod: Completer = async ({ factory, before }) =>
  before.length === 0 ? [] : containerNames(factory, before[0]!);

async function containerNames(factory: Factory, pod: string): Promise<string[]> {
  const { namespace } = await factory.namespace();
  const found = await (await factory.client()).get<Pod>(
    `/api/v1/namespaces/${namespace}/pods/${pod.replace(/^pods?\//, '')}`,
  );
  return containersOf(found).map(({ container }) => container.name);
}

const stanzas =
  (section: 'contexts' | 'clusters' | 'users'): Completer =>
  async ({ factory, before }) =>
    before.length > 0 ? [] : [...(await factory.clientConfig()).kubeconfig[section].keys()].sort();

/** Namespaces and pods, and how a path may begin; then files that begin so. */
const copied: Completer = async (situation) => {
  const { before, prefix, factory } = situation;
  if (before.length > 0 || /^[/.~]|:/.test(prefix)) return [];
  const slash = prefix.indexOf('/');
  if (slash > 0) {
    const namespace = prefix.slice(0, slash);
    const pods = await (await factory.client()).list<Pod>(`/api/v1/namespaces/${namespace}/pods`);
    return pods.map(({ metadata }) => `${namespace}/${metadata.name}:`);
  }
  const namespaces = (await names(situation, 'namespaces', [])).map((name) => `${name}/`);
  const pods = (await names(situation, 'pods', [])).map((name) => `${name}:`);
  const begun = [...namespaces, ...pods].filter((each) => each.startsWith(prefix));
  if (prefix === '') return [...begun, './', '/'];
  if (begun.length === 0) return [];
  const entries = factory.environment.host.readDir('.').map(({ name, directory }) => (directory ? `${name}/` : name));
  return [...begun, ...entries.sort()];
};

/** What has containers with images, as `set image` lists it. */
const WITH_IMAGES = [
  'daemonsets',
  'deployments',
  'pods',
  'cronjobs',
  'replicasets',
  'replicationcontrollers',
  'statefulsets',
];

const ROLLOUT = ['daemonset', 'deployment', 'statefulset'];

/** Completion of arguments, by command. */
const ARGUMENTS: Record<string, Completer> = {
  get: typeAndName(),
  describe: typeAndName(),
  delete: typeAndName(),
  edit: typeAndName(),
  label: typeAndName(),
  annotate: typeAndName(),
  patch: typeAndName(),
  expose: typeAndName(['pod', 'service', 'replicationcontroller', 'deployment', 'replicaset']),
  autoscale: typeAndName(['deployment', 'replicaset', 'replicationcontroller', 'statefulset']),
  scale: typeAndName(['deployment', 'replicaset', 'replicationcontroller', 'statefulset']),
  'rollout history': typeAndName(ROLLOUT),
  'rollout pause': typeAndName(['deployment']),
  'rollout resume': typeAndName(['deployment']),
  'rollout restart': typeAndName(['deployment', 'daemonset', 'statefulset']),
  'rollout status': typeAndName(ROLLOUT),
  'rollout undo': typeAndName(ROLLOUT),
  cordon: many('nodes'),
  uncordon: many('nodes'),
  drain: many('nodes'),
  taint: async (situation) =>
    situation.before.length === 0 ? ['node'] : names(situation, 'nodes', situation.before.slice(1)),
  'top node': onlyOnce('nodes'),
  'top pod': onlyOnce('pods'),
  attach: podOrWorkload,
  debug: typeAndName(),
  exec: podOrWorkload,
  logs: podThenContainer,
  'port-forward': podOrWorkload,
  cp: copied,
  'set image': typeAndName(WITH_IMAGES),
  'create token': onlyOnce('serviceaccounts'),
  completion: async ({ before }) => (before.length > 0 ? [] : ['bash', 'zsh', 'fish', 'powershell']),
  'config use-context': stanzas('contexts'),
  'config delete-context': stanzas('contexts'),
  'config rename-context': stanzas('contexts'),
  'config set-context': stanzas('contexts'),
  'config delete-cluster': stanzas('clusters'),
  'config set-cluster': stanzas('clusters'),
  'config delete-user': stanzas('users'),
};

/** Flags whose values the cluster or the kubeconfig knows. */
const FLAG_VALUES: Record<string, Completer> = {
  namespace: (situation) => names(situation, 'namespaces', []),
  context: (situation) => stanzas('contexts')({ ...situation, before: [] }),
  cluster: (situation) => stanzas('clusters')({ ...situation, before: [] }),
  user: (situation) => stanzas('users')({ ...situation, before: [] }),
};

function situationOf(command: CobraCommand, prefix: string, environment: Environment): Situation {
  return { factory: new Factory(command.flagSet, environment, command.path), before: command.flagSet.args, prefix };
}

const offer = async (completer: Completer, situation: Situation): Promise<Offer> => {
  const values = await completer(situation).catch(() => []);
  return { values: values.filter((value) => value.startsWith(situation.prefix)), directive: NO_FILES };
};

/** Offers for an argument. */
export async function completeArguments(
  command: CobraCommand,
  prefix: string,
  environment: Environment,
): Promise<Offer> {
  const path = command.path.replace(/^kubectl /, '');
  const required = prefix === '' ? missingFlags(command, REQUIRED_FLAGS[path]) : [];
  const completer = ARGUMENTS[path];
  if (!completer) return { values: required, directive: 0 };
  const { values, directive } = await offer(completer, situationOf(command, prefix, environment));
  return { values: [...required, ...values], directive: path === 'cp' ? NO_SPACE : directive };
}

/** Flags that cobra refuses to run without, and offers first. */
const REQUIRED_FLAGS: Record<string, string[]> = {
  scale: ['replicas'],
  autoscale: ['max'],
  run: ['image'],
  'create deployment': ['image'],
  'create cronjob': ['image', 'schedule'],
  'create clusterrolebinding': ['clusterrole'],
  'create service externalname': ['external-name'],
};

const missingFlags = ({ flagSet, definition }: CobraCommand, required: string[] = []): string[] =>
  required
    .filter((name) => !flagSet.changed(name))
    .map((name) => `--${name}\t${definition?.flags?.find((flag) => flag.name === name)?.usage ?? ''}`);

/** Offers for a flag's value. */
export async function completeFlagValue(
  command: CobraCommand,
  flag: Flag | undefined,
  prefix: string,
  environment: Environment,
): Promise<Offer> {
  if (!flag) return { values: [], directive: 0 };
  const listed = /One of: \(([^)]*)\)/.exec(flag.usage)?.[1];
  if (flag.name === 'output' && listed) {
    return { values: listed.split(', ').filter((value) => value.startsWith(prefix)), directive: NO_FILES };
  }
  if (flag.name === 'filename') return EXTENSIONS;
  if (flag.name === 'container' && command.path === 'kubectl exec')
    return offer(containersOfPod, situationOf(command, prefix, environment));
  const completer = FLAG_VALUES[flag.name];
  if (!completer) return { values: [], directive: 0 };
  return offer(completer, situationOf(command, prefix, environment));
}
