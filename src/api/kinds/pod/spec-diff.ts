import type { PodSpec } from '../../../types/objects.ts';
import { goDiff } from '../shared/go-cmp/diff.ts';

type Fields = Record<string, unknown>;

const HOST_FIELDS = ['hostNetwork', 'hostPID', 'hostIPC', 'shareProcessNamespace', 'hostUsers'];

/** The internal form: what v1 keeps in the spec and core in its security context is moved there. */
function internal(spec: PodSpec): Fields {
  const { serviceAccount: _, ...fields } = spec as unknown as Fields;
  const context: Fields = { ...(fields.securityContext as Fields | undefined) };
  for (const name of HOST_FIELDS) {
    if (fields[name] !== undefined) context[name] = fields[name];
    delete fields[name];
  }
  if (fields.securityContext || Object.keys(context).length > 0) fields.securityContext = context;
  return fields;
}

export const podSpecDiff = (before: PodSpec, after: PodSpec): string =>
  goDiff('core.PodSpec', internal(before), internal(after));

type EphemeralContainer = NonNullable<PodSpec['ephemeralContainers']>[number];

export const ephemeralContainerDiff = (before: EphemeralContainer, after: EphemeralContainer): string =>
  goDiff('core.EphemeralContainer', before, after);
