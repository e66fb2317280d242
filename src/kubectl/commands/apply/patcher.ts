import type { JsonObject } from '../../../api/machinery/patch/json-value.ts';
import { createThreeWayMergePatch } from '../../../api/machinery/patch/merge-patch.ts';
import { createThreeWayStrategicPatch } from '../../../api/machinery/patch/strategic-diff.ts';
import { goJson } from '../../../base/go-json.ts';
import type { KubeObject } from '../../../types/objects.ts';
import type { Query, RestClient } from '../../client/rest.ts';
import { deleteOptions, type Propagation } from '../../delete-options.ts';
import { addSource, asError, CommandError, isConflict, isNotFound, StatusError } from '../../errors.ts';
import { strategicSchema } from '../../patch-schema.ts';
import { collectionPath, type Info, infoPath, unversioned } from '../../resource/info.ts';
import { lastApplied, withLastApplied, withoutLastApplied } from './annotation.ts';

const RETRIES = 5;
const RECREATE_POLL_MS = 1000;

export interface PatchSettings {
  client: RestClient;
  /** Parameters of writes: field manager, validation, dry run. */
  query: Query;
  /** Whether the patch updates the record of what was applied; a diff leaves it alone. */
  annotate?: boolean;
  /** Replaces an object that cannot be patched: --force. */
  force?: { gracePeriod: number; propagation: Propagation };
}

/** The patch from what was applied last and what the cluster has to what the file says. */
function buildPatch(
  { type, object }: Info,
  current: KubeObject,
  annotate: boolean,
): { patch: JsonObject; contentType: string } {
  const original = JSON.parse(lastApplied(current) ?? '{}') as JsonObject;
  const modified = (annotate ? withLastApplied(object!) : withoutLastApplied(object!)) as unknown as JsonObject;
  const live = current as unknown as JsonObject;
  const schema = strategicSchema(type);
  if (schema) {
    return {
      patch: createThreeWayStrategicPatch(original, modified, live, schema),
      contentType: 'application/strategic-merge-patch+json',
    };
  }
  for (const key of ['apiVersion', 'kind']) {
    if (Object.hasOwn(original, key) && original[key] !== modified[key]) {
      throw new CommandError('At least one of apiVersion, kind and name was changed');
    }
  }
  return { patch: createThreeWayMergePatch(original, modified, live), contentType: 'application/merge-patch+json' };
}

/** What `%v` of a resource.Info prints. */
const describeInfo = ({ type, name, namespace }: Info): string => {
  const gv = `${type.group}/${type.version}`;
  return `Resource: "${gv}, Resource=${type.resource}", GroupVersionKind: "${gv}, Kind=${type.kind}"\nName: ${JSON.stringify(name)}, Namespace: ${JSON.stringify(namespace)}`;
};

/** Patches a live object into what `info.object` says; resolves with the new object and whether anything changed. */
export async function patchObject(
  info: Info,
  current: KubeObject,
  settings: PatchSettings,
): Promise<{ object: KubeObject; changed: boolean }> {
  const { client, query, force, annotate = true } = settings;
  let text = '{}';
  const attempt = async (live: KubeObject): Promise<{ object: KubeObject; changed: boolean }> => {
    const { patch, contentType } = buildPatch(info, live, annotate);
    text = goJson(patch, { sortKeys: true });
    if (text === '{}') return { object: live, changed: false };
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
      const replaceable = isConflict(error) || (error instanceof StatusError && error.reason === 'Invalid');
      if (replaceable && force) return { object: await recreate(info, settings, force), changed: true };
      const source = info.source ?? '';
      const patching = addSource('patching', source, error);
      throw addSource(`applying patch:\n${text}\nto:\n${describeInfo(info)}\nfor:`, source, patching);
    }
  }
}

async function recreate(
  info: Info,
  { client, query }: PatchSettings,
  { gracePeriod, propagation }: NonNullable<PatchSettings['force']>,
): Promise<KubeObject> {
  await client.request('DELETE', infoPath(info), { body: deleteOptions(gracePeriod, propagation) });
  for (;;) {
    try {
      await client.request('GET', infoPath(info));
    } catch (error) {
      if (isNotFound(error)) break;
      throw error;
    }
    await client.transport.sleep(RECREATE_POLL_MS, 'drives');
  }
  return client.request<KubeObject>('POST', collectionPath(info), {
    body: unversioned(withLastApplied(info.object!)),
    query,
  });
}
