import { expect, it } from 'vitest';
import { testHost } from '../testing.ts';
import { journalctl } from './journalctl.ts';

const started = (unit: string, description: string) =>
  `Nov 21 00:00:00 node-1 systemd[1]: Started ${unit}.service - ${description}.\n`;
const SSH = started('ssh', 'OpenBSD Secure Shell server');

/** What is typed after `journalctl`, at one o'clock on a machine that booted at midnight, and what it answers. */
const cases: [words: string[], stdout: string, stderr?: string][] = [
  [['-u', 'ssh'], SSH],
  [['-xeu', 'ssh.service', '--no-pager'], SSH],
  [['--unit=ssh', '-n', '1', '-o', 'cat'], 'Started ssh.service - OpenBSD Secure Shell server.\n'],
  [['-u', 'ssh', '-o', 'short-iso'], SSH.replace('Nov 21 00:00:00', '2026-11-21T00:00:00+0000')],
  [['-u', 'ssh', '-o', 'short-full'], SSH.replace('Nov 21 00:00:00', 'Sat 2026-11-21 00:00:00 UTC')],
  [['-u', 'ssh', '--no-hostname'], SSH.replace('node-1 ', '')],
  [['-u', 'ssh', '--since', '2 hours ago'], SSH],
  [['-u', 'ssh', '--since', '10 minutes ago'], '-- No entries --\n'],
  [['-u', 'ssh', '--until', '2026-11-20'], '-- No entries --\n'],
  [['-u', 'ssh', '-p', 'err'], '-- No entries --\n'],
  [['-u', 'ssh', '-g', 'secure shell'], SSH],
  [['-u', 'ssh', '_PID=1'], SSH],
  [['-u', 'nosuch'], '-- No entries --\n'],
  [['-t', 'systemd', '-u', 'cron'], started('cron', 'Regular background program processing daemon')],
  [['--since', 'banana'], '', 'Failed to parse timestamp: banana'],
  [['-o', 'xml'], '', "Unknown output format 'xml'."],
  [['-p', 'loud'], '', 'Unknown log level loud'],
];

it.each(cases)('journalctl %j', (words, stdout, stderr) => {
  const { host, run } = testHost();
  const context = { argv: ['journalctl', ...words], machine: { flavour: 'bash' } as never };
  if (stderr === undefined) expect(run((c) => journalctl(host, c), context)).toEqual({ stdout, stderr: '', code: 0 });
  else expect(() => run((c) => journalctl(host, c), context)).toThrow(stderr);
});
