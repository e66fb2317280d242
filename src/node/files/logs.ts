import { type ContainerRecord, type LogRecord, RUNTIME_SECTIONS } from '../../types/node-runtime.ts';
import type { NodeHost } from '../host.ts';
import { recordsOn } from '../records.ts';
import type { FileTable } from './index.ts';

/** A log in the format of the CRI: time, stream, whether the line is whole, text. */
const render = (log: LogRecord | undefined): string =>
  (log?.lines ?? [])
    .map(
      ([at, stream, text, partial]) =>
        `${new Date(Math.floor(at)).toISOString().replace('Z', '000000Z')} ${stream} ${partial ? 'P' : 'F'} ${text}\n`,
    )
    .join('');

/** /var/log/pods and the links to it in /var/log/containers. */
export function logFiles(host: NodeHost): FileTable {
  const logs = host.state.section<LogRecord>(RUNTIME_SECTIONS.logs);
  const files: FileTable = {};
  for (const { id, logPath, pod, name } of recordsOn<ContainerRecord>(
    host.state,
    RUNTIME_SECTIONS.containers,
    host.name,
  )) {
    files[logPath] = () => render(logs.get(id));
    files[`/var/log/containers/${pod.name}_${pod.namespace}_${name}-${id}.log`] = () => `->${logPath}`;
  }
  return files;
}
