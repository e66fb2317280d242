import type { JsonObject } from '../../../api/machinery/patch/json-value.ts';
import { createThreeWayMergePatch } from '../../../api/machinery/patch/merge-patch.ts';
import { patchesConflict } from '../../../api/machinery/patch/strategic-conflict.ts';
import { createThreeWayStrategicPatch, strategicChanges } from '../../../api/machinery/patch/strategic-diff.ts';
import type { PatchSchema } from '../../../api/machinery/patch/strategic-merge.ts';
import { goJson } from '../../../base/go-json.ts';
import type { KubeObject } from '../../../types/objects.ts';
import type { Query, RestClient } from '../../client/rest.ts';
import { deleteOptions, type Propagation } from '../../delete-options.ts';
import { addSource, asError, CommandError, isConflict, isNotFound, StatusError } from '../../errors.ts';
import { strategicSchema } from '../../patch-schema.ts';
import { collectionPath, type Info, infoPath, unversioned } from '../../resource/info.ts';
import { encode, lastApplied, withLastApplied, withoutLastApplied } from './annotation.ts';

const RETRIES = 5;
const RECREATE_POLL_MS = 1000;

export interface PatchSettings {
  client: RestClient;
  /** Parameters of writes: field manager, validation, dry run. */
  query: Query;
  /** Whether the patch updates the record of what was applied; a diff leaves it alone. */
  annotate?: boolean;
  /** Whether what the file says goes before what somebody else changed: --overwrite. */
  overwrite?: boolean;
  /** The server's documents that are asked first how to patch, and told of where that fails: --openapi-patch. */
  specs?: string[];
  warn?(text: string): void;
  /** Refuses to patch another version of the object than `current`, whatever the file says. */
  lock?: boolean;
  /** Replaces an object that cannot be patched: --force. `timeoutMs` is how long the delete may take. */
  force?: { gracePeriod: number; propagation: Propagation; timeoutMs: number };
}

/** The patch from what was applied last and what the cluster has to what the file says. */
async function buildPatch(
  { type, object }: Info,
  current: KubeObject,
  settings: PatchSettings,
): Promise<{ patch: JsonObject; contentType: string }> {
  const { annotate = true, overwrite = true } = settings;
  const original = JSON.parse(lastApplied(current) ?? '{}') as JsonObject;
  const modified = (annotate ? withLastApplied(object!) : withoutLastApplied(object!)) as unknown as JsonObject;
  const live = current as unknown as JsonObject;
  const schema = strategicSchema(type);
  if (schema) {
    const patch = createThreeWayStrategicPatch(original, modified, live, schema);
    if (!overwrite) await refuseConflicts(patch, { original, modified, live }, schema, settings);
    return { patch, contentType: 'application/strategic-merge-patch+json' };
  }
  for (const key of ['apiVersion', 'kind']) {
    if (Object.hasOwn(original, key) && original[key] !== modified[key]) {
      throw noPatch({ original, modified, live }, 'At least one of apiVersion, kind and name was changed');
    }
  }
  return { patch: createThreeWayMergePatch(original, modified, live), contentType: 'application/merge-patch+json' };
}

type Documents = Record<'original' | 'modified' | 'live', JsonObject>;

/** Throws when a patch changes what somebody else has changed since the file was applied last. */
async function refuseConflicts(
  patch: JsonObject,
  documents: Documents,
  schema: PatchSchema,
  { specs = [], warn }: PatchSettings,
): Promise<void> {
  const changed = strategicChanges(documents.original, documents.live, schema);
  if (!patchesConflict(patch, changed, schema)) return;
  const { emitYaml } = await import('../../../base/yaml/emit.ts');
  const conflict = `patch:\n${emitYaml(patch)}\nconflicts with changes made from original to current:\n${emitYaml(changed)}\n`;
  for (const spec of specs) {
    warn?.(`warning: error calculating patch from ${spec} spec: ${conflict}\n`);
  }
  throw noPatch(documents, conflict);
}

/** That no patch can be made of what was applied last, what the file says and what there is. */
const noPatch = ({ original, modified, live }: Documents, why: string): CommandError =>
  new CommandError(
    `creating patch with:\noriginal:\n${encode(original)}\nmodified:\n${encode(modified)}\ncurrent:\n${encode(live)}\nfor:: ${why}`,
  );

/** What `%v` of a resource.Info prints. */
const describeInfo = ({ type, name, namespace }: Info): string => {
  const gv = `${type.group}/${type.version}`;
  return `Resource: "${gv}, Resource=${type.resource}", GroupVersionKind: "${gv}, Kind=${type.kind}"\nName: ${JSON.stringify(name)}, Namespace: ${JSON.stringify(namespace)}`;
};

/** What is said of a file's object of which the server does not tell what it has. */
export const notRetrieved = (info: Info, error: Error): Error =>
  addSource(`retrieving current configuration of:\n${describeInfo(info)}\nfrom server for:`, info.source ?? '', error);

/** Patches a live object into what `info.object` says; resolves with the new object and whether anything changed. */
export async function patchObject(
  info: Info,
  current: KubeObject,
  settings: PatchSettings,
): Promise<{ object: KubeObject; changed: boolean }> {
  const { client, query, force, lock = false } = settings;
  let text = '';
  const attempt = async (live: KubeObject): Promise<{ object: KubeObject; changed: boolean }> => {
    const { patch, contentType } = await buildPatch(info, live, settings);
    text = goJson(patch, { sortKeys: true });
    if (text === '{}') return { object: live, changed: false };
    if (lock) text = goJson(lockedTo(current, patch), { sortKeys: true });
    const object = await client.request<KubeObject>('PATCH', infoPath(info), { body: text, contentType, query });
    return { object, changed: true };
  };
  let live = current;
  for (let tries = 0; ; tries++) {
    try {
      return await attempt(live);
    } catch (thrown) {
      const error = asError(thrown);
      if (isConflict(error) && tries < RETRIES) {
        live = await client.request<KubeObject>('GET', infoPath(info));
        continue;
      }
      const source = info.source ?? '';
      const applying = (patch: string, why: Error) =>
        addSource(`applying patch:\n${patch}\nto:\n${describeInfo(info)}\nfor:`, source, why);
      const replaceable = isConflict(error) || (error instanceof StatusError && error.reason === 'Invalid');
      if (!replaceable || !force) throw applying(text, addSource('patching', source, error));
      const object = await recreate(info, live, settings, force).catch((failed: unknown) => {
        throw applying(encode(withLastApplied(info.object!)), asError(failed));
      });
      return { object, changed: true };
    }
  }
}

/** A patch of one version of an object. */
const lockedTo = ({ metadata }: KubeObject, patch: JsonObject): JsonObject => ({
  ...patch,
  metadata: { ...(patch.metadata as JsonObject | undefined), resourceVersion: metadata.resourceVersion ?? '' },
});

/** Deletes the object and makes it anew; what was there comes back when the new one is refused. */
async function recreate(
  info: Info,
  live: KubeObject,
  { client, query }: PatchSettings,
  { gracePeriod, propagation, timeoutMs }: NonNullable<PatchSettings['force']>,
): Promise<KubeObject> {
  await client.request('DELETE', infoPath(info), { body: deleteOptions(gracePeriod, propagation) });
  const deadline = client.transport.now() + timeoutMs;
  while (await isThere(client, info)) {
    if (client.transport.now() >= deadline) throw new CommandError('context deadline exceeded');
    await client.transport.sleep(RECREATE_POLL_MS, 'drives');
  }
  const create = (object: KubeObject) =>
    client.request<KubeObject>('POST', collectionPath(info), { body: unversioned(object), query });
  try {
    return await create(withLastApplied(info.object!));
  } catch (error) {
    await create(live).catch((restoring: unknown) => {
      throw new CommandError(
        `An error occurred force-replacing the existing object with the newly provided one:\n\n${asError(error).message}.\n\nAdditionally, an error occurred attempting to restore the original object:\n\n${asError(restoring).message}`,
      );
    });
    throw error;
  }
}

async function isThere(client: RestClient, info: Info): Promise<boolean> {
  try {
    await client.request('GET', infoPath(info));
    return true;
  } catch (error) {
    if (isNotFound(error)) return false;
    throw error;
  }
}
