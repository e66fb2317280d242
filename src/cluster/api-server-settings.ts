import { noteChoice } from '../api/admission/chosen.ts';
import type { AuditPolicy } from '../api/audit/policy.ts';
import { beginEncryption } from '../api/encryption/history.ts';
import { type AuditLogFile, apiServerConfiguration, flag } from '../kubelet/index.ts';
import type { FileSystem } from '../sh/process.ts';
import type { State } from '../store/section.ts';
import type { ContainerRecord } from '../types/node-runtime.ts';
import { noteAnonymous } from './authenticate.ts';
import { AUDIT_KEY, AUDIT_SECTION } from './pending-audit.ts';

/** What the API server that runs keeps of requests, and where. */
export interface AuditSettings extends AuditLogFile {
  policy: AuditPolicy;
}

const MEGABYTE = 1024 * 1024;
/** A real log may have 100 MB: so much a state file should not hold. */
const LARGEST = 2 * MEGABYTE;

/** What was noted of the API server's audit log; undefined if it keeps none. */
export const auditSettings = (state: State): AuditSettings | undefined =>
  state.section<AuditSettings>(AUDIT_SECTION).get(AUDIT_KEY);

/** An API server begins in a container, over a store of that revision: from now on it does what its flags say. */
export function beginApiServer(state: State, revision: number, record: ContainerRecord, files: FileSystem): void {
  const { argv, node, id } = record;
  const { encryption, audit, auditLog, admission, anonymous } = apiServerConfiguration({ argv, files });
  noteChoice(state, admission);
  noteAnonymous(state, anonymous);
  beginEncryption(state, revision, encryption);
  const section = state.section<AuditSettings>(AUDIT_SECTION);
  if (!audit || !auditLog) {
    section.delete(AUDIT_KEY);
    return;
  }
  const maxSize = Math.min(LARGEST, Number(flag(argv, 'audit-log-maxsize') ?? 100) * MEGABYTE || LARGEST);
  section.set(AUDIT_KEY, { policy: audit, container: `${node}/${id}`, path: auditLog, maxSize });
}
