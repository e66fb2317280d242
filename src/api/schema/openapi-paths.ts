import { groupVersion, type Resource } from './registry.ts';

/** A reference to a schema, or one that is said in place. */
type Schema = Record<string, unknown>;
type Operation = Record<string, unknown>;
/** Operations by method, and `parameters` that they share. */
export type PathItem = Record<string, unknown>;

/** The schemas that paths refer to, by (group, version, kind); undefined for a kind that has none. */
export type SchemaOf = (group: string, version: string, kind: string) => Schema | undefined;

const BOOLEANS = new Set([
  'allowWatchBookmarks',
  'force',
  'ignoreStoreReadErrorWithClusterBreakingPotential',
  'orphanDependents',
  'sendInitialEvents',
  'watch',
  'stderr',
  'stdin',
  'stdout',
  'tty',
]);
const INTEGERS = new Set(['gracePeriodSeconds', 'limit', 'ports', 'timeoutSeconds']);

const SELECTING = ['fieldSelector', 'labelSelector', 'limit', 'resourceVersion', 'resourceVersionMatch'];
const LIST = ['allowWatchBookmarks', 'continue', ...SELECTING, 'sendInitialEvents', 'timeoutSeconds', 'watch'];
const WRITE = ['dryRun', 'fieldManager', 'fieldValidation'];
const DELETE = [
  'dryRun',
  'gracePeriodSeconds',
  'ignoreStoreReadErrorWithClusterBreakingPotential',
  'orphanDependents',
  'propagationPolicy',
];
const DELETE_COLLECTION = ['continue', ...DELETE, ...SELECTING, 'sendInitialEvents', 'timeoutSeconds'].sort();

const PATCHES = [
  'application/apply-patch+yaml',
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
];
const WRITTEN = ['application/json', 'application/vnd.kubernetes.protobuf', 'application/yaml'];
const STREAMED = ['application/json;stream=watch', 'application/vnd.kubernetes.protobuf;stream=watch'];
/** Deletes of these answer what was deleted. */
const ANSWER_DELETED = new Set([
  'csidrivers',
  'csinodes',
  'persistentvolumeclaims',
  'persistentvolumes',
  'pods',
  'podtemplates',
  'resourcequotas',
  'serviceaccounts',
  'services',
  'storageclasses',
  'volumeattachments',
]);
/** What these are asked goes to a kubelet, with these options of their own. */
const CONNECTIONS: Record<string, readonly string[]> = {
  attach: ['container', 'stderr', 'stdin', 'stdout', 'tty'],
  exec: ['command', 'container', 'stderr', 'stdin', 'stdout', 'tty'],
  portforward: ['ports'],
  proxy: ['path'],
};
const MEANINGS: Record<string, string> = { 200: 'OK', 201: 'Created', 202: 'Accepted' };

interface Action {
  method: string;
  onObject: boolean;
  /** x-kubernetes-action, where it is not the verb. */
  action?: string;
  /** How an operation's id begins. */
  id: string;
  /** KIND stands for the kind, OBJECT for `a KIND` or `the specified KIND`. */
  description: string;
  parameters: readonly string[];
  body?: 'object' | 'patch' | 'options';
  answer?: 'list' | 'status';
  codes: readonly number[];
}

const ACTIONS: Record<string, Action> = {
  list: {
    method: 'get',
    onObject: false,
    id: 'list',
    description: 'list or watch objects of kind KIND',
    parameters: LIST,
    answer: 'list',
    codes: [200],
  },
  create: {
    method: 'post',
    onObject: false,
    action: 'post',
    id: 'create',
    description: 'create a KIND',
    parameters: WRITE,
    body: 'object',
    codes: [200, 201, 202],
  },
  deletecollection: {
    method: 'delete',
    onObject: false,
    id: 'delete',
    description: 'delete collection of KIND',
    parameters: DELETE_COLLECTION,
    body: 'options',
    answer: 'status',
    codes: [200],
  },
  get: {
    method: 'get',
    onObject: true,
    id: 'read',
    description: 'read the specified KIND',
    parameters: [],
    codes: [200],
  },
  update: {
    method: 'put',
    onObject: true,
    action: 'put',
    id: 'replace',
    description: 'replace the specified KIND',
    parameters: WRITE,
    body: 'object',
    codes: [200, 201],
  },
  delete: {
    method: 'delete',
    onObject: true,
    id: 'delete',
    description: 'delete a KIND',
    parameters: DELETE,
    body: 'options',
    answer: 'status',
    codes: [200, 202],
  },
  patch: {
    method: 'patch',
    onObject: true,
    id: 'patch',
    description: 'partially update the specified KIND',
    parameters: [...WRITE, 'force'],
    body: 'patch',
    codes: [200, 201],
  },
};

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** `rbac.authorization.k8s.io` → `RbacAuthorization`, '' → `Core` */
const groupWord = (group: string): string =>
  group === ''
    ? 'Core'
    : group
        .replace(/\.k8s\.io$/, '')
        .split('.')
        .map(capital)
        .join('');

const schemaOfParameter = (name: string): Schema => ({
  type: BOOLEANS.has(name) ? 'boolean' : INTEGERS.has(name) ? 'integer' : 'string',
  uniqueItems: true,
});
const queryParameter = (name: string) => ({ name, in: 'query', schema: schemaOfParameter(name) });
const pathParameter = (name: string, description: string) => ({
  name,
  in: 'path',
  description,
  required: true,
  schema: { type: 'string', uniqueItems: true },
});

const TEXT: Schema = { type: 'string' };

/** What all operations of a path take stands once, at the path. */
function shareParameters(item: PathItem): void {
  const { parameters, ...operations } = item as { parameters: { name: string }[] } & Record<string, Operation>;
  const lists = Object.values(operations).map((one) => (one.parameters ?? []) as { name: string }[]);
  const common = (lists[0] ?? []).filter(({ name }) => lists.every((list) => list.some((one) => one.name === name)));
  if (common.length === 0) return;
  const isCommon = ({ name }: { name: string }) => common.some((one) => one.name === name);
  for (const operation of Object.values(operations)) {
    const rest = (operation.parameters as { name: string }[]).filter((one) => !isCommon(one));
    if (rest.length > 0) operation.parameters = rest;
    else delete operation.parameters;
  }
  item.parameters = [...common, ...parameters].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** What tells of the resources of a group's version. */
export function resourcesPath(group: string, version: string, list: Schema): Record<string, PathItem> {
  const word = groupWord(group);
  const base = group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
  const get = {
    description: 'get available resources',
    operationId: `get${word}${capital(version)}APIResources`,
    tags: [`${word.charAt(0).toLowerCase()}${word.slice(1)}_${version}`],
    responses: {
      200: { description: 'OK', content: contentOf(WRITTEN, list) },
      401: { description: 'Unauthorized' },
    },
  };
  return { [`${base}/`]: { get } };
}

const contentOf = (types: readonly string[], schema: Schema) =>
  Object.fromEntries(types.map((type) => [type, { schema }]));

/** The paths of one resource of a group's version, with its subresources. */
export class ResourcePaths {
  readonly items: Record<string, PathItem> = {};
  private readonly base: string;

  constructor(
    private readonly resource: Resource,
    private readonly schemaOf: SchemaOf,
  ) {
    const { group, version } = resource;
    this.base = group === '' ? `/api/${version}` : `/apis/${groupVersion(group, version)}`;
    const verbs = new Set(resource.verbs);
    const { namespaced, plural } = resource;
    const collection = `${this.base}${namespaced ? '/namespaces/{namespace}' : ''}/${plural}`;
    for (const verb of Object.keys(ACTIONS)) if (verbs.has(verb)) this.add(collection, verb);
    if (verbs.has('list') && namespaced) this.addAcrossNamespaces();
    if (verbs.has('watch')) this.addWatches(collection);
    for (const [name, { verbs: own, kind: ownKind, group: g = group, version: v = version }] of resource.subresources)
      for (const verb of own)
        if (CONNECTIONS[name]) this.connect(collection, name, verb, ownKind);
        else this.add(collection, verb, { name, kind: ownKind, schema: this.schemaOf(g, v, ownKind) ?? TEXT });
    for (const item of Object.values(this.items)) shareParameters(item);
  }

  private item(path: string, onObject: boolean, what = this.resource.kind): PathItem {
    this.items[path] ??= {
      parameters: [
        ...(onObject ? [pathParameter('name', `name of the ${what}`)] : []),
        ...(path.includes('{namespace}')
          ? [pathParameter('namespace', 'object name and auth scope, such as for teams and projects')]
          : []),
        queryParameter('pretty'),
      ],
    };
    return this.items[path];
  }

  /** Custom resources have neither protobuf nor strategic merges. */
  private types(all: readonly string[]): readonly string[] {
    return this.resource.custom ? all.filter((type) => !/protobuf|strategic/.test(type)) : all;
  }

  private gvk(): Schema {
    const { group, version, kind } = this.resource;
    return { group, kind, version };
  }

  private operation(
    id: string,
    action: string,
    description: string,
    answer: Schema,
    codes: readonly number[],
  ): Operation {
    const { group, version } = this.resource;
    const word = groupWord(group);
    const streamed = !this.resource.custom && (action === 'list' || action.startsWith('watch'));
    const types = this.types(streamed ? [...WRITTEN, ...STREAMED] : WRITTEN);
    return {
      description,
      operationId: id,
      tags: [`${word.charAt(0).toLowerCase()}${word.slice(1)}_${version}`],
      'x-kubernetes-action': action,
      'x-kubernetes-group-version-kind': this.gvk(),
      responses: {
        ...Object.fromEntries(
          codes.map((code) => [code, { description: MEANINGS[code], content: contentOf(types, answer) }]),
        ),
        401: { description: 'Unauthorized' },
      },
    };
  }

  private idOf(verb: string, rest: string, suffix = ''): string {
    const { group, version, namespaced } = this.resource;
    return `${verb}${groupWord(group)}${capital(version)}${rest}${namespaced ? 'Namespaced' : ''}${this.resource.kind}${suffix}`;
  }

  private meta(kind: string): Schema {
    return this.schemaOf('meta', 'v1', kind) ?? {};
  }

  private add(collection: string, verb: string, sub?: { name: string; kind: string; schema: Schema }): void {
    const given = ACTIONS[verb];
    if (!given) return;
    const { group, version, kind } = this.resource;
    const own = (sub?.name === 'log' ? TEXT : sub?.schema) ?? this.schemaOf(group, version, kind) ?? {};
    const onObject = sub !== undefined || given.onObject;
    const path = `${collection}${onObject ? '/{name}' : ''}${sub ? `/${sub.name}` : ''}`;
    const { method, action = verb, id, parameters, body, answer, codes } = given;
    const described = given.description.replace('KIND', kind);
    const operation = this.operation(
      this.idOf(id, verb === 'deletecollection' ? 'Collection' : '', sub ? capital(sub.name) : ''),
      action,
      sub ? described.replace(/(a|the specified) /, `${sub.name} of $&`) : described,
      this.answerOf(verb, answer, own),
      codes,
    );
    if (parameters.length > 0) operation.parameters = parameters.map(queryParameter);
    if (body === 'object')
      operation.requestBody = {
        content: contentOf(this.resource.custom ? this.types(WRITTEN) : ['*/*'], own),
        required: true,
      };
    if (body === 'options') operation.requestBody = { content: contentOf(['*/*'], this.meta('DeleteOptions')) };
    if (body === 'patch')
      operation.requestBody = {
        content: contentOf(this.types(PATCHES), this.meta('Patch')),
        required: true,
      };
    if (sub) operation['x-kubernetes-group-version-kind'] = { ...this.gvk(), ...this.gvkOf(sub) };
    this.item(path, onObject, sub?.kind ?? kind)[method] = operation;
  }

  private answerOf(verb: string, answer: Action['answer'], own: Schema): Schema {
    const { group, version, kind, plural } = this.resource;
    if (answer === 'list') return this.schemaOf(group, version, `${kind}List`) ?? own;
    return answer === 'status' && !(verb === 'delete' && ANSWER_DELETED.has(plural)) ? this.meta('Status') : own;
  }

  private connect(collection: string, name: string, verb: string, kind: string): void {
    const method = ACTIONS[verb]?.method ?? 'get';
    const path = `${collection}/{name}/${name}`;
    const item = this.item(path, true, kind);
    const own = CONNECTIONS[name]!.map(queryParameter);
    const shared = (item.parameters as { name: string }[]).filter((one) => one.name !== 'pretty');
    const parameters = [...shared, ...own].sort((a, b) => (a.name < b.name ? -1 : 1));
    const { responses: _, ...operation } = this.operation(
      this.idOf('connect', capital(method), capital(name)),
      'connect',
      `connect ${method.toUpperCase()} requests to ${name} of ${this.resource.kind}`,
      TEXT,
      [],
    );
    operation['x-kubernetes-group-version-kind'] = { ...this.gvk(), ...this.gvkOf({ name, kind }) };
    const responses = {
      200: { description: 'OK', content: contentOf(['*/*'], TEXT) },
      401: { description: 'Unauthorized' },
    };
    this.items[path] = {
      ...item,
      parameters: item[method] ? item.parameters : parameters,
      [method]: { ...operation, responses },
    };
  }

  private gvkOf({ name, kind }: { name: string; kind: string }): Schema {
    const { group, version } = this.resource;
    const { group: g = group, version: v = version } = this.resource.subresources.get(name)!;
    return { group: g, kind, version: v };
  }

  private addAcrossNamespaces(): void {
    const { group, version, kind, plural } = this.resource;
    const answer = this.schemaOf(group, version, `${kind}List`) ?? {};
    const id = `list${groupWord(group)}${capital(version)}${kind}ForAllNamespaces`;
    const description = `list or watch objects of kind ${kind}`;
    this.items[`${this.base}/${plural}`] = {
      get: this.operation(id, 'list', description, answer, [200]),
      parameters: [...LIST, 'pretty'].sort().map(queryParameter),
    };
  }

  /** The paths of old that watch. */
  private addWatches(collection: string): void {
    const { namespaced, plural, kind, group, version, verbs } = this.resource;
    const watched = collection.replace(this.base, `${this.base}/watch`);
    const add = (path: string, action: string, id: string) => {
      const description =
        action === 'watch'
          ? `watch changes to an object of kind ${kind}; a list with watch and a field selector replaces it`
          : `watch changes to objects of kind ${kind}; a list with watch replaces it`;
      const operation = this.operation(id, action, description, this.meta('WatchEvent'), [200]);
      const { parameters } = this.item(path, action === 'watch') as { parameters: { name: string }[] };
      const shared = [...LIST.map(queryParameter), ...parameters].sort((a, b) => (a.name < b.name ? -1 : 1));
      this.items[path] = { get: operation, parameters: shared };
    };
    if (verbs.includes('list')) add(watched, 'watchlist', this.idOf('watch', '', 'List'));
    if (verbs.includes('get')) add(`${watched}/{name}`, 'watch', this.idOf('watch', ''));
    if (namespaced && verbs.includes('list'))
      add(
        `${this.base}/watch/${plural}`,
        'watchlist',
        `watch${groupWord(group)}${capital(version)}${kind}ListForAllNamespaces`,
      );
  }
}
