import type { NodeHost } from '../host.ts';
import type { Entry } from './journal-entries.ts';

/** What systemd's catalog says of its own lines: a pattern of the line, a subject, a text. `$1` … are the pattern's groups. */
const CATALOG: readonly [line: RegExp, subject: string, text: string][] = [
  [/^Starting (\S+)/, 'A start job for unit $1 has begun execution', '$&.\n\nThe job identifier is $job.'],
  [/^Started (\S+)/, 'A start job for unit $1 has finished successfully', '$&.\n\nThe job identifier is $job.'],
  [/^Stopping (\S+)/, 'A stop job for unit $1 has begun execution', '$&.\n\nThe job identifier is $job.'],
  [
    /^Stopped (\S+)/,
    'A stop job for unit $1 has finished',
    '$&.\n\nThe job identifier is $job and the job result is done.',
  ],
  [
    /^Failed to start (\S+)/,
    'A start job for unit $1 has failed',
    'A start job for unit $1 has finished with a failure.\n\nThe job identifier is $job and the job result is failed.',
  ],
  [/^(\S+): Deactivated successfully/, 'Unit succeeded', "The unit $1 has successfully entered the 'dead' state."],
  [
    /^(\S+): Main process exited, code=(\w+), status=(\d+)/,
    'Unit process exited',
    "An ExecStart= process belonging to unit $1 has exited.\n\nThe process' exit code is '$2' and its exit status is $3.",
  ],
  [/^(\S+): Failed with result '(\S+)'/, 'Unit failed', "The unit $1 has entered the 'failed' state with result '$2'."],
  [
    /^(\S+): Scheduled restart job/,
    'Automatic restarting of a unit has been scheduled',
    'Automatic restarting of the unit $1 has been scheduled, as the result for\nthe configured Restart= setting for the unit.',
  ],
  [
    /^\S+: Failed at step EXEC spawning (\S+):/,
    'Process $1 could not be executed',
    'The process $1 could not be executed and failed.\n\nThe error number returned by this process is 2.',
  ],
];

/** A line's number of the job that it is about: the same for all of one moment. */
const jobOf = (host: NodeHost, at: number): number => 1 + (Math.floor(at / 1000) % 4096) + host.name.length;

/** The lines that `-x` adds to an entry, each with its line's end; none for what systemd has not written. */
export function explanation(host: NodeHost, { at, about, message, identifier }: Entry): string {
  if (identifier !== 'systemd' && !identifier.startsWith('(')) return '';
  const found = CATALOG.find(([line]) => line.test(message));
  if (!found) return '';
  const [pattern, subject, text] = found;
  const groups = pattern.exec(message)!;
  // Since 252 a line says the unit's name; before, only its description.
  const names = [
    groups[0],
    /^S\w+ing |^St\w+ed |^Failed to/.test(message) ? (about ?? groups[1]!) : groups[1]!,
    ...groups.slice(2),
  ];
  const fill = (words: string) => words.replace(/\$(\d)/g, (_, digit: string) => names[Number(digit)] ?? '');
  const title = fill(subject);
  const body = fill(text.replace('$&', title)).replace('$job', String(jobOf(host, at)));
  const ubuntu = host.record().osImage.startsWith('Ubuntu');
  const support = ubuntu ? 'http://www.ubuntu.com/support' : 'https://www.debian.org/support';
  const mark = host.machine.systemd >= 246 ? '░░' : '--';
  const lines = [`Subject: ${title}`, 'Defined-By: systemd', `Support: ${support}`, '', ...body.split('\n')];
  return lines.map((line) => `${mark} ${line}\n`).join('');
}
