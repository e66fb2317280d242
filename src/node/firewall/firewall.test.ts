import { expect, test } from 'vitest';
import { IPTABLES } from '../programs/iptables-command.ts';
import { testHost } from '../testing.ts';
import { verdictOf } from './verdict.ts';

/** What the last of some command lines answers, on a fresh machine. */
function after(...lines: string[]) {
  const { host, run, state } = testHost();
  const answers = lines.map((line) => {
    const argv = line.split(' ');
    return run((context) => IPTABLES[argv[0]!]!(host, context), { argv });
  });
  return { ...answers.at(-1)!, state };
}

const packet = (port: number, from = '10.0.0.1', protocol = 'tcp') => ({ from, to: '10.0.0.2', port, protocol });

test('a rule is shown as a command, among those of the cluster', () => {
  const { stdout } = after(
    'iptables -A INPUT -p tcp --dport 10250 -j DROP',
    'iptables -I INPUT -i eth0 ! -s 10.0.0.0/8 -m conntrack --ctstate NEW -j REJECT',
    'iptables -S INPUT',
  );
  const lines = stdout.trimEnd().split('\n');
  expect(lines[1]).toBe(
    '-A INPUT ! -s 10.0.0.0/8 -i eth0 -m conntrack --ctstate NEW -j REJECT --reject-with icmp-port-unreachable',
  );
  expect(lines.at(-1)).toBe('-A INPUT -p tcp -m tcp --dport 10250 -j DROP');
});

test.each([
  ['iptables -A INPUT --dport 80 -j DROP', 2, /unknown option "--dport"/],
  ['iptables -A NOPE -j DROP', 1, /No chain\/target\/match by that name/],
  ['iptables -A INPUT -j NOPE', 2, /Couldn't load target `NOPE'/],
  ['iptables -D INPUT -p tcp --dport 1 -j DROP', 1, /Bad rule/],
  ['iptables -D INPUT 99', 1, /Index of deletion too big/],
  ['iptables -N INPUT', 1, /Chain already exists/],
  ['iptables -P KUBE-FORWARD DROP', 1, /Bad built-in chain name/],
  ['iptables -t foo -L', 3, /table 'foo' does not exist/],
  ['ip6tables', 2, /^ip6tables v1\.8\.10 \(nf_tables\): no command specified/],
])('%s is refused', (line, code, stderr) => {
  const result = after(line);
  expect(result.code).toBe(code);
  expect(result.stderr).toMatch(stderr);
});

test.each<[string[], ReturnType<typeof packet>, string]>([
  [['-A INPUT -p tcp --dport 80 -j DROP'], packet(80), 'drop'],
  [['-A INPUT -p tcp --dport 80 -j DROP'], packet(81), 'accept'],
  [['-A INPUT -p tcp --dport 80 -j DROP'], packet(80, '10.0.0.1', 'udp'), 'accept'],
  [['-A INPUT -p tcp --dport 80:90 -j REJECT'], packet(85), 'reject'],
  [['-A INPUT -s 10.0.0.0/24 -j DROP', '-I INPUT -s 10.0.0.1 -j ACCEPT'], packet(80), 'accept'],
  [['-A INPUT ! -s 10.0.0.0/24 -j DROP'], packet(80, '10.1.0.1'), 'drop'],
  [['-N MINE', '-A MINE -p tcp -j DROP', '-A INPUT -j MINE'], packet(80), 'drop'],
  [['-P INPUT DROP', '-A INPUT -p tcp -m state --state ESTABLISHED -j ACCEPT'], packet(80), 'drop'],
  [['-A INPUT -j DROP', '-F'], packet(80), 'accept'],
  [['-A INPUT -j DROP', '-D INPUT -j DROP'], packet(80), 'accept'],
])('after %j', (lines, sent, verdict) => {
  const { state } = after(...lines.map((line) => `iptables ${line}`));
  expect(verdictOf(state, 'node-1', 'INPUT', sent)).toBe(verdict);
});
