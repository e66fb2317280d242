import { expect, it } from 'vitest';
import { testHost } from '../testing.ts';
import { journalctl } from './journalctl.ts';
import { readUnit, type UnitState } from './units.ts';

const started = (unit: string, description: string) =>
  `Nov 21 00:00:00 node-1 systemd[1]: Started ${unit}.service - ${description}.\n`;
const SSH = started('ssh', 'OpenBSD Secure Shell server');

/** What is typed after `journalctl`, at one o'clock on a machine that booted at midnight, and what it answers. */
const cases: [words: string[], stdout: string, stderr?: string][] = [
  [['-u', 'ssh'], SSH],
  [['-eu', 'ssh.service', '--no-pager'], SSH],
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
  [['-u', 'ssh', '-o', 'cat', '--until', '2026-11-20'], ''],
  [['-u', 'ssh', '-u', 'cron', '-n', '1'], started('cron', 'Regular background program processing daemon')],
  [['--uni', 'ssh', '--lines'], SSH],
  [['-u', 'ssh', '-fr'], '', 'Please specify either --reverse or --follow, not both.'],
  [['-n', 'many'], '', "Failed to add match 'many': Invalid argument"],
  [['--lines=many'], '', "Failed to parse lines 'many'"],
  [['-b', '-1'], '', 'Data from the specified boot (-1) is not available: No such boot ID in journal'],
  [['--since', 'today', '--until', 'yesterday'], '', '--since= must be before --until=.'],
  [['--vacuum-size=x'], '', 'Failed to parse vacuum size: x'],
  [['--no'], '', "option '--no' is ambiguous; possibilities: '--no-full' '--no-hostname' '--no-pager' '--no-tail'"],
  [['-u'], '', "option requires an argument -- 'u'"],
  [['-F', 'SYSLOG_IDENTIFIER', '_SYSTEMD_UNIT=ssh.service'], 'kernel\nsystemd\nkubelet\n'],
  [
    ['-xu', 'ssh'],
    `${SSH}░░ Subject: A start job for unit ssh.service has finished successfully
░░ Defined-By: systemd
░░ Support: https://www.debian.org/support
░░ 
░░ A start job for unit ssh.service has finished successfully.
░░ 
░░ The job identifier is 3847.
`,
  ],
];

it.each(cases)('journalctl %j', (words, stdout, stderr) => {
  const { host, run } = testHost();
  const context = { argv: ['journalctl', ...words], machine: { flavour: 'bash' } as never };
  if (stderr === undefined) expect(run((c) => journalctl(host, c), context)).toEqual({ stdout, stderr: '', code: 0 });
  else expect(() => run((c) => journalctl(host, c), context)).toThrow(stderr);
});

it('goes on with what is new, once', () => {
  const { host, run, state } = testHost();
  const follow = (memory?: unknown) =>
    run((c) => journalctl(host, c), {
      argv: ['journalctl', '-fu', 'ssh'],
      machine: { flavour: 'bash' } as never,
      ...(memory !== undefined && { memory }),
    });
  const first = follow();
  expect(first.stdout).toBe(SSH);
  const unit = readUnit(host, 'ssh');
  const line = { at: host.now() - 200, identifier: 'sshd[77]', message: 'Connection closed' };
  state.section<UnitState>('units').set('node-1/ssh', { ...unit, journal: [line] });
  const second = follow(first.again!.memory);
  expect(second.stdout).toBe('Nov 21 00:59:59 node-1 sshd[77]: Connection closed\n');
  expect(follow(second.again!.memory).stdout).toBe('');
});
