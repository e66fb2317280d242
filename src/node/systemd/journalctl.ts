import type { CommandContext, CommandResult } from '../../sh/process.ts';
import type { NodeHost } from '../host.ts';
import { journalLines, timestamp } from './format.ts';
import { journalOf } from './journal.ts';
import { readUnit, unitName, unitsOf } from './units.ts';

/** `-10min`, `1 hour ago`, `2021-06-18 02:22:30`, `today` as ms; NaN for what journalctl cannot read either. */
function parseSince(text: string, now: number): number {
  const relative = /^-?\s*(\d+)\s*(s|sec|second|seconds|m|min|minute|minutes|h|hour|hours|d|day|days)(\s+ago)?$/.exec(
    text.trim(),
  );
  const size: Record<string, number> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
  if (relative) return now - Number(relative[1]) * size[relative[2]![0]!]!;
  if (text === 'now') return now;
  if (text === 'today') return now - (now % 86_400_000);
  if (text === 'yesterday') return now - (now % 86_400_000) - 86_400_000;
  return Date.parse(`${text.replace(' ', 'T')}Z`);
}

/** journalctl: -u UNIT, -n LINES, --since, --no-pager, -f (which shows what there is), -r, -o cat|short. */
export function journalctl(host: NodeHost, context: CommandContext): CommandResult {
  const words = context.argv
    .slice(1)
    .flatMap((w) =>
      /^--\w[\w-]*=/.test(w)
        ? [w.slice(0, w.indexOf('=')), w.slice(w.indexOf('=') + 1)]
        : /^-[xef]*u.+/.test(w)
          ? ['-u', w.slice(w.indexOf('u') + 1)]
          : [w],
    );
  const value = (...names: string[]) => {
    const at = words.findIndex(
      (w) => names.includes(w) || names.some((n) => n.length === 2 && /^-[xefr]+\w$/.test(w) && w.endsWith(n[1]!)),
    );
    return at >= 0 ? words[at + 1] : undefined;
  };
  if (context.user !== 'root')
    return {
      stdout: '-- No entries --\n',
      stderr:
        "Hint: You are currently not seeing messages from other users and the system.\n      Users in groups 'adm', 'systemd-journal' can see all messages.\n      Pass -q to turn off this notice.\n",
      code: 0,
    };
  const wanted = value('-u', '--unit');
  const names = wanted ? [unitName(wanted)] : unitsOf(host);
  const sinceText = value('-S', '--since');
  const since = sinceText === undefined ? Number.NEGATIVE_INFINITY : parseSince(sinceText, host.now());
  if (Number.isNaN(since)) return { stdout: '', stderr: `Failed to parse timestamp: ${sinceText}\n`, code: 1 };
  const entries = names
    .filter((name) => unitsOf(host).includes(name))
    .flatMap((name) => {
      const unit = readUnit(host, name);
      const lines = journalLines(host, name, unit);
      return journalOf(host, name, unit).map((entry, i) => ({
        at: typeof entry.at === 'number' ? entry.at : Date.parse(entry.at),
        line: lines[i]!,
        message: entry.message,
      }));
    })
    .filter((entry) => entry.at >= since)
    .sort((a, b) => a.at - b.at);
  const count = value('-n', '--lines');
  const shown = count === undefined ? entries : entries.slice(-Number(count));
  if (words.includes('-r')) shown.reverse();
  if (!shown.length) return { stdout: '-- No entries --\n', stderr: '', code: 0 };
  const text = shown.map((entry) => (value('-o', '--output') === 'cat' ? entry.message : entry.line)).join('\n');
  const head =
    host.machine.systemd < 250
      ? `-- Logs begin at ${timestamp(entries[0]!.at)}, end at ${timestamp(host.now())}. --\n`
      : '';
  return { stdout: `${head}${text}\n`, stderr: '', code: 0 };
}
