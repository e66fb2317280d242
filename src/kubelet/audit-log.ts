import type { ActorWorld } from '../runtime/actor.ts';
import { FsError } from '../sh/process.ts';
import { type ContainerRecord, type LogRecord, RUNTIME_SECTIONS, type SandboxRecord } from '../types/node-runtime.ts';
import { containerFiles } from './container-machine.ts';
import { appendLog } from './logs.ts';
import type { Platform } from './platform.ts';

/** Where an API server writes its audit log. */
export interface AuditLogFile {
  /** The key of its container: `NODE/ID`. */
  container: string;
  /** As the container sees it; `-` is its standard output. */
  path: string;
  /** Bytes after which a new file is begun. */
  maxSize: number;
}

/** `audit.log` → `audit-2026-01-01T00-00-00.000.log` */
const rotatedName = (path: string, now: number): string =>
  path.replace(/(\.[^./]*)?$/, `-${new Date(now).toISOString().slice(0, -1).replaceAll(':', '-')}$1`);

/** Adds lines to an audit log; what is full is put aside, and what was aside before goes, so that the log has an end. */
export function writeAuditLog(world: ActorWorld, platform: Platform, log: AuditLogFile, lines: string[]): void {
  const { state } = world;
  const record = state.section<ContainerRecord>(RUNTIME_SECTIONS.containers).get(log.container);
  if (record?.state !== 'running' || lines.length === 0) return;
  const text = lines.map((line) => `${line}\n`).join('');
  if (log.path === '-') {
    appendLog(state.section<LogRecord>(RUNTIME_SECTIONS.logs), record.id, [
      { stream: 'stdout', text, at: world.now() },
    ]);
    return;
  }
  const { namespace, name } = record.pod;
  const sandbox = state.section<SandboxRecord>(RUNTIME_SECTIONS.sandboxes).get(`${record.node}/${record.sandbox}`)!;
  const files = containerFiles(world, platform, record, sandbox, world.client.get('pods', namespace, name));
  try {
    const size = files.stat(log.path)?.size ?? 0;
    if (size + text.length > log.maxSize && size > 0) {
      const folder = log.path.slice(0, log.path.lastIndexOf('/')) || '/';
      const [stem = ''] = log.path.slice(folder.length).replace(/^\//, '').split('.');
      for (const old of files.list(folder))
        if (old.startsWith(`${stem}-`)) files.remove(`${folder === '/' ? '' : folder}/${old}`);
      files.write(rotatedName(log.path, world.now()), files.read(log.path), { mode: 0o600 });
      files.write(log.path, text, { mode: 0o600 });
    } else files.write(log.path, text, { append: true, mode: 0o600 });
  } catch (error) {
    // A full or read-only disk keeps nothing: the API server goes on all the same.
    if (!(error instanceof FsError)) throw error;
  }
}
