import { structuredPatch } from 'diff';
import type { KubeObject } from '../../types/objects.ts';
import type { Command, Invocation } from '../command.ts';
import { CommandError, describeFailure, ExitError, isConflict, isNotFound } from '../errors.ts';
import { fieldManagerFlag, filenameFlags, requireFilenames, SELECTOR_FLAG, usageError } from '../flags/common.ts';
import { klogHeader } from '../log/klog.ts';
import { collectionPath, type Info, infoPath } from '../resource/info.ts';
import { temporaryName } from '../temporary.ts';
import { encode } from './apply/annotation.ts';
import { patchObject } from './apply/patcher.ts';
import { allowedTypes, prunable, type Visited } from './apply/prune.ts';

const command: Command = {
  name: 'diff',
  use: 'diff -f FILENAME',
  short: 'Diff the live version against a would-be applied version',
  long: `Diff configurations specified by file name or stdin between the current online configuration, and the configuration as it would be if applied.

The output is always YAML.

KUBECTL_EXTERNAL_DIFF names another program to compare with, which may have parameters of its own. By default the output is that of "diff" with "-u" (unified) and "-N" (absent files are empty).

Exit status: 0 No differences were found. 1 Differences were found. >1 Kubectl or diff failed with an error.

Note: KUBECTL_EXTERNAL_DIFF, if used, is expected to follow that convention.`,
  examples: `
# Diff the resources of pod.json
kubectl diff -f pod.json

# Diff a file read from stdin
cat service.yaml | kubectl diff -f -`,
  flags: [
    ...filenameFlags('File, folder or URL of the configuration to compare'),
    SELECTOR_FLAG,
    fieldManagerFlag('kubectl-client-side-apply'),
    { name: 'concurrency', type: 'int', default: '1', usage: 'How many objects are compared at once.' },
    { name: 'force-conflicts', type: 'bool', usage: 'Let server-side apply take fields that others manage.' },
    { name: 'prune', type: 'bool', usage: 'Also show what pruning would delete. May be used with -l.' },
    {
      name: 'prune-allowlist',
      type: 'stringArray',
      usage: 'Types to prune as <group/version/kind>, instead of the default ones',
    },
    { name: 'server-side', type: 'bool', usage: 'Apply in the server instead of the client.' },
    { name: 'show-managed-fields', type: 'bool', usage: 'Show managed fields in the difference.' },
  ],
  flagError: (message, commandPath) => beyondDifferences(usageError({ commandPath }, message)),
  run: async (invocation) => {
    try {
      return await diff(invocation);
    } catch (error) {
      throw beyondDifferences(error);
    }
  },
};

export default command;

/** Every failure of diff is 2 or more, since 1 says that there are differences. */
function beyondDifferences(error: unknown): ExitError {
  if (error instanceof ExitError) return error;
  const { text, code } = describeFailure(error);
  return new ExitError(code + 1, text);
}

/** Both sides of one object, as text. */
interface Pair {
  file: string;
  live: string;
  merged: string;
}

async function diff(invocation: Invocation): Promise<number> {
  const { flags, args, factory } = invocation;
  if (args.length > 0) throw usageError(invocation, `Unexpected args: [${args.join(' ')}]`);
  requireFilenames(invocation);
  await factory.restConfig();
  if (flags.bool('force-conflicts') && !flags.bool('server-side')) {
    throw new CommandError('--force-conflicts only works with --server-side');
  }
  // A list of types that is given is read at once, the default one says its warning when it is used.
  const given = flags.bool('prune') && flags.strings('prune-allowlist').length > 0;
  const types = given ? await allowedTypes(invocation) : undefined;
  const visited: Visited = { uids: new Set(), namespaces: new Set() };
  const pairs: Pair[] = [];
  const { emitYaml } = await import('../../base/yaml/emit.ts');
  const text = (object: KubeObject | undefined) => (object ? emitYaml(object) : '');
  await factory
    .builder({
      filenames: flags.strings('filename'),
      kustomize: flags.string('kustomize'),
      recursive: flags.bool('recursive'),
      labelSelector: flags.string('selector'),
    })
    .visit(async (info) => {
      const found = await liveObject(invocation, info);
      if (info.type.namespaced) visited.namespaces.add(info.namespace);
      if (found?.metadata.uid) visited.uids.add(found.metadata.uid);
      const merged = await mergedObject(invocation, info, found);
      const [before, after] = maskSecrets(shown(invocation, found), shown(invocation, merged));
      // Of a secret that is not there yet its mask is printed: nothing, as YAML.
      const live = after?.kind === 'Secret' && !before ? 'null\n' : text(before);
      pairs.push({ file: fileName(info), live, merged: text(after) });
    });
  if (flags.bool('prune')) {
    for await (const { type, object } of prunable(invocation, types ?? (await allowedTypes(invocation)), visited)) {
      const { namespace = '', name = '' } = object.metadata;
      pairs.push({ file: fileName({ type, namespace, name }), live: text(object), merged: '' });
    }
  }
  const external = invocation.environment.host.env.KUBECTL_EXTERNAL_DIFF;
  return external ? runExternal(invocation, external, pairs) : printUnified(invocation, pairs);
}

async function liveObject({ factory }: Invocation, info: Info): Promise<KubeObject | undefined> {
  const client = await factory.client();
  return client.request<KubeObject>('GET', infoPath(info)).catch((error: unknown) => {
    if (isNotFound(error)) return undefined;
    throw error;
  });
}

/** What applying would make of the object, asked of the server in a dry run. */
async function mergedObject(
  { flags, factory, environment }: Invocation,
  info: Info,
  live: KubeObject | undefined,
): Promise<KubeObject> {
  const client = await factory.client();
  const manager = flags.string('field-manager');
  if (flags.bool('server-side')) {
    const fieldManager = flags.changed('field-manager') ? manager : 'kubectl';
    try {
      return await client.request<KubeObject>('PATCH', infoPath(info), {
        body: encode(info.object),
        contentType: 'application/apply-patch+yaml',
        query: { fieldManager, force: flags.bool('force-conflicts'), dryRun: 'All' },
      });
    } catch (error) {
      if (isConflict(error)) {
        const { apiVersion, kind } = info.object!;
        const object = `${apiVersion.includes('/') ? apiVersion : `/${apiVersion}`}, Kind=${kind}: ${info.name}`;
        environment.io.err(
          `${klogHeader(environment.now())} diff.go:723] Object (${object}) keeps changing, diffing without lock\n`,
        );
      }
      throw error;
    }
  }
  const query = { fieldManager: manager, dryRun: 'All' };
  if (!live) {
    return client.request<KubeObject>('POST', collectionPath(info), { body: info.object, query });
  }
  await factory.openapi.consult(info.type);
  return (await patchObject(info, live, { client, query, lock: true, annotate: false })).object;
}

function shown({ flags }: Invocation, object: KubeObject | undefined): KubeObject | undefined {
  if (!object || flags.bool('show-managed-fields')) return object;
  const { managedFields: _fields, ...metadata } = object.metadata;
  return { ...object, metadata };
}

/** Values of secrets are stars; those that differ say which side they are. */
function maskSecrets(
  before: KubeObject | undefined,
  after: KubeObject | undefined,
): [KubeObject | undefined, KubeObject | undefined] {
  if ((before ?? after)?.kind !== 'Secret') return [before, after];
  const data = (object: KubeObject | undefined) =>
    (object as { data?: Record<string, string> } | undefined)?.data ?? {};
  const [from, to] = [data(before), data(after)];
  const masked = (object: KubeObject | undefined, other: Record<string, string>, side: string) => {
    if (!object || !('data' in object)) return object;
    const entries = Object.entries(data(object)).map(([key, value]) => {
      const changed = key in other && other[key] !== value;
      return [key, changed ? `*** (${side})` : '***'];
    });
    return { ...object, data: Object.fromEntries(entries) } as KubeObject;
  };
  return [masked(before, to, 'before'), masked(after, from, 'after')];
}

const fileName = ({ type, namespace, name }: Info): string =>
  `${type.group ? `${type.group}.` : ''}${type.version}.${type.kind}.${namespace}.${name}`;

/** Names of the folders that hold both sides. */
const folders = ({ environment }: Invocation): [live: string, merged: string] => [
  temporaryName(environment, 'LIVE-'),
  temporaryName(environment, 'MERGED-'),
];

/** What `diff -u -N LIVE MERGED` prints; 1 when anything differs. */
function printUnified(invocation: Invocation, pairs: Pair[]): number {
  const { environment } = invocation;
  const [live, merged] = folders(invocation);
  const stamp = `${new Date(environment.now()).toISOString().replace('T', ' ').replace('Z', '000000')} +0000`;
  let differences = 0;
  for (const pair of pairs.toSorted((a, b) => (a.file < b.file ? -1 : 1))) {
    if (pair.live === pair.merged) continue;
    differences = 1;
    const [from, to] = [`${live}/${pair.file}`, `${merged}/${pair.file}`];
    environment.io.out(`diff -u -N ${from} ${to}\n--- ${from}\t${stamp}\n+++ ${to}\t${stamp}\n`);
    const { hunks } = structuredPatch(from, to, pair.live, pair.merged, '', '', { context: 3 });
    for (const { oldStart, oldLines, newStart, newLines, lines } of hunks) {
      const range = (start: number, count: number) =>
        count === 1 ? `${start}` : `${count === 0 ? start - 1 : start},${count}`;
      environment.io.out(`@@ -${range(oldStart, oldLines)} +${range(newStart, newLines)} @@\n`);
      environment.io.out(`${lines.join('\n')}\n`);
    }
  }
  return differences;
}

async function runExternal(invocation: Invocation, external: string, pairs: Pair[]): Promise<number> {
  const { host, io } = invocation.environment;
  const [live, merged] = folders(invocation);
  host.makeDir(live);
  host.makeDir(merged);
  for (const { file, live: before, merged: after } of pairs) {
    host.writeFile(`${live}/${file}`, before);
    host.writeFile(`${merged}/${file}`, after);
  }
  const [program = '', ...words] = external.split(' ');
  const failed = (why: string) => new CommandError(`failed to run ${JSON.stringify(program)}: ${why}`);
  if (program === '') throw failed('exec: no command');
  // kubectl passes on plain words only, so that nothing in the variable can be another command.
  const plain = words.filter((word) => /^[a-zA-Z0-9=-]+$/.test(word));
  const { code, stdout, stderr } = await host.spawn([program, live, merged, ...plain], { capture: true }).catch(() => {
    throw failed('executable file not found in $PATH');
  });
  io.out(stdout);
  io.err(stderr);
  if (code > 1) throw failed(`exit status ${code}`);
  for (const { file } of pairs) {
    host.remove(`${live}/${file}`);
    host.remove(`${merged}/${file}`);
  }
  return code;
}
