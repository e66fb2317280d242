import type { FileStat } from '../process.ts';
import type { ToolContext } from './tool.ts';

/** A file's text; nothing if it cannot be read. */
export function readOr(context: ToolContext, file: string): string {
  try {
    return context.machine.files.read(file);
  } catch {
    return '';
  }
}

/** Lines of /etc/passwd or /etc/group. */
export const database = (context: ToolContext, file: string): string[][] =>
  readOr(context, file)
    .split('\n')
    .map((line) => line.split(':'));

/** The name of an id in /etc/passwd or /etc/group; undefined if it has none. */
const nameOf = (context: ToolContext, file: string, id: number): string | undefined =>
  database(context, file).find(([, , known]) => known === String(id))?.[0] ?? (id === 0 ? 'root' : undefined);

/** Whose a file is, by numbers and by names where there are some. */
export function ownersOf(context: ToolContext, { uid = 0, gid = 0 }: FileStat) {
  return {
    uid: String(uid),
    gid: String(gid),
    user: nameOf(context, '/etc/passwd', uid),
    group: nameOf(context, '/etc/group', gid),
  };
}

/** `user`, `user:group`, `:group`, with a dot too, by name or number. Answers undefined for a name that nobody has. */
export function parseOwner(context: ToolContext, text: string): { uid?: number; gid?: number } | undefined {
  const [user = '', group = ''] = text.split(/[:.]/);
  const numbered = (file: string, name: string): number | undefined => {
    const known = database(context, file).find(([own]) => own === name)?.[2];
    const id = known ?? (name === 'root' ? '0' : name);
    return /^\d+$/.test(id) ? Number(id) : undefined;
  };
  const uid = user === '' ? undefined : numbered('/etc/passwd', user);
  const gid = group === '' ? undefined : numbered('/etc/group', group);
  if ((user !== '' && uid === undefined) || (group !== '' && gid === undefined)) return undefined;
  return { ...(uid !== undefined && { uid }), ...(gid !== undefined && { gid }) };
}
