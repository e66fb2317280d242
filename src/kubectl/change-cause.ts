import type { KubeObject } from '../types/objects.ts';
import type { Flag, Invocation } from './command.ts';

const CHANGE_CAUSE = 'kubernetes.io/change-cause';

/** Keeps the command in an annotation of what it changes (genericclioptions.RecordFlags). */
export const RECORD_FLAG: Flag = {
  name: 'record',
  type: 'bool',
  usage: 'Keep this command in an annotation of the resource.',
  deprecated: '--record will be removed in the future',
};

/** What --record adds to the annotations of an object; nothing without it. */
export function changeCause({ flags, commandLine }: Invocation): Record<string, string> {
  return flags.has('record') && flags.bool('record') ? { [CHANGE_CAUSE]: commandLine() } : {};
}

/** The object with the cause of its change. */
export function withChangeCause<T extends { metadata?: object }>(invocation: Invocation, object: T): T {
  const cause = changeCause(invocation);
  if (Object.keys(cause).length === 0) return object;
  const metadata = object.metadata as { annotations?: Record<string, string> } | undefined;
  return { ...object, metadata: { ...metadata, annotations: { ...metadata?.annotations, ...cause } } };
}

/** The merge patch that tells an object the cause of its change; undefined when there is none to tell. */
export function changeCausePatch(invocation: Invocation, { metadata }: KubeObject): object | undefined {
  const cause = changeCause(invocation);
  const told = Object.entries(cause).filter(([name, text]) => metadata.annotations?.[name] !== text);
  return told.length > 0 ? { metadata: { annotations: cause } } : undefined;
}
