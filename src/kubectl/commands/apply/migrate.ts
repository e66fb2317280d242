import { equal, isObject } from '../../../api/machinery/patch/json-value.ts';
import { goJson } from '../../../base/go-json.ts';
import type { KubeObject } from '../../../types/objects.ts';
import type { Query, RestClient } from '../../client/rest.ts';
import { isConflict } from '../../errors.ts';
import { type Info, infoPath } from '../../resource/info.ts';
import { encode, LAST_APPLIED, lastApplied } from './annotation.ts';

const RETRIES = 5;
/** The manager that keeps the annotation of client-side apply once an object is applied server-side. */
const ANNOTATION_MANAGER = 'kubectl-last-applied';

type Fields = Record<string, unknown>;

interface Entry {
  manager?: string;
  operation?: string;
  subresource?: string;
  apiVersion?: string;
  fieldsV1?: Fields;
}

const entriesOf = ({ metadata }: KubeObject): Entry[] => (metadata.managedFields as Entry[] | undefined) ?? [];

/** Whether the entry owns the record of what was applied last. */
function ownsLastApplied({ fieldsV1 }: Entry): boolean {
  const annotations = (fieldsV1?.['f:metadata'] as Fields | undefined)?.['f:annotations'] as Fields | undefined;
  return annotations?.[`f:${LAST_APPLIED}`] !== undefined;
}

/** Both sets of fields together. */
function union(a: Fields = {}, b: Fields = {}): Fields {
  const joined = { ...a };
  for (const [key, value] of Object.entries(b)) {
    const before = joined[key];
    joined[key] = isObject(before) && isObject(value) ? union(before, value) : value;
  }
  return joined;
}

const isUpdateOf = (manager: string) => (entry: Entry) =>
  entry.manager === manager && entry.operation === 'Update' && !entry.subresource;

/** What a client-side manager updated becomes what the server-side one applied (csaupgrade). */
function upgrade(entries: Entry[], from: string, to: string): Entry[] {
  const isOld = isUpdateOf(from);
  const applied = entries.find((each) => each.manager === to && each.operation === 'Apply' && !each.subresource);
  const target = applied ?? entries.find(isOld);
  if (!target) return entries;
  const fieldsV1 = entries
    .filter((each) => isOld(each) && each.apiVersion === target.apiVersion)
    .reduce<Fields>((fields, each) => union(fields, each.fieldsV1), target.fieldsV1 ?? {});
  const replaced = { ...target, manager: to, operation: 'Apply', fieldsV1 };
  return entries.flatMap((each) => (each === target ? [replaced] : isOld(each) ? [] : [each]));
}

/** The object, and the path that all patches of one apply go to: that of --subresource, if it names one. */
export interface Applied {
  info: Info;
  path: string;
}

/** Gives the annotation of client-side apply a manager of its own, so that it stays when its old one goes. */
export async function keepLastApplied(
  client: RestClient,
  { path }: Applied,
  object: KubeObject,
  query: Query,
): Promise<KubeObject> {
  const text = lastApplied(object);
  const owned = entriesOf(object).some((entry) => entry.operation === 'Apply' && ownsLastApplied(entry));
  if (text === undefined || owned) return object;
  const { name, namespace } = object.metadata;
  const metadata = { name, ...(namespace && { namespace }), annotations: { [LAST_APPLIED]: text } };
  return client.request<KubeObject>('PATCH', path, {
    body: encode({ apiVersion: object.apiVersion, kind: object.kind, metadata }),
    contentType: 'application/apply-patch+yaml',
    query: { ...query, fieldManager: ANNOTATION_MANAGER },
  });
}

/** Hands the fields of client-side appliers to `manager`; says whether there was anything to hand over. */
export async function migrate(
  client: RestClient,
  { info, path }: Applied,
  object: KubeObject,
  manager: string,
  query: Query,
): Promise<boolean> {
  const owners = entriesOf(object).filter((entry) => entry.operation === 'Update' && ownsLastApplied(entry));
  const names = [...new Set(owners.map((entry) => entry.manager ?? ''))];
  let current = object;
  for (let tries = 1; ; tries++) {
    const before = entriesOf(current);
    const after = names.reduce((entries, name) => upgrade(entries, name, manager), before);
    if (equal(before, after)) return false;
    try {
      await client.request('PATCH', path, {
        body: goJson([
          { op: 'replace', path: '/metadata/managedFields', value: after },
          { op: 'replace', path: '/metadata/resourceVersion', value: current.metadata.resourceVersion },
        ]),
        contentType: 'application/json-patch+json',
        query: { ...query, fieldManager: manager },
      });
      return true;
    } catch (error) {
      if (!isConflict(error) || tries >= RETRIES) throw error;
      current = await client.request<KubeObject>('GET', infoPath(info));
    }
  }
}
