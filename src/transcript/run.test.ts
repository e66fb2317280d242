import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { checkFile } from './check.ts';
import { textReport } from './report/text.ts';
import { scripted } from './testing.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kubemu-transcript-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const fenced = (...lines: string[]) => `\`\`\`${lines.join('\n')}\n\`\`\`\n`;

async function check(text: string, { answers = {}, update = false, name = 'a.md' } = {}) {
  const file = join(folder, name);
  writeFileSync(file, text);
  const { open, calls } = scripted(answers);
  const report = await checkFile(file, { open, now: () => 0, update });
  return { report, calls, shown: textReport([{ ...report, file: name }]), text: readFileSync(file, 'utf8') };
}

test('commands run in order on the cluster that the file asks for, with its files', async () => {
  const text = [
    '---\ntitle: anything\npreset: kind\nseed: 7 # lucky\n---\n',
    fenced('yaml file=pod.yaml', 'kind: Pod', '  a: 1'),
    fenced(
      'console',
      '$ echo a',
      'a',
      '',
      '$ echo \\',
      '> b',
      '\\',
      'b',
      'root@node-1:/etc# echo c',
      'c',
      'me@node-2$ echo d',
      'd',
    ),
    fenced('console skip', '$ rm -rf /'),
    fenced('sh', 'not ours'),
    `1. in a list\n\n   ~~~console stderr=ignore\n   $ cat <<EOF\n   > x\n   >   y\n   > EOF\n   ~~~\n`,
    `\`\`\`\`markdown\n${fenced('console', '$ echo within')}\`\`\`\`\n`,
    fenced('console setup nodes=1 seed=2', '$ echo e'),
  ].join('\n');
  const { report, calls } = await check(text);
  expect(report).toMatchObject({ results: Array.from({ length: 6 }, () => ({ ok: true })) });
  expect(calls).toEqual([
    'open {"preset":"kind","seed":7}',
    'put pod.yaml "kind: Pod\\n  a: 1\\n"',
    'echo a',
    'echo \\\nb',
    'root@node-1:/etc echo c',
    'me@node-2 echo d',
    'ignore cat <<EOF\nx\n  y\nEOF',
    'close',
    'open {"preset":"kind","seed":2,"nodes":1}',
    'put pod.yaml "kind: Pod\\n  a: 1\\n"',
    'echo e',
    'close',
  ]);
});

test('what a placeholder was called stands for it in later commands', async () => {
  const { calls } = await check(fenced('console', '$ echo web-12x', '{name:web}', '$ echo {name:web} {name}', '{any}'));
  expect(calls[2]).toBe('echo web-12x {name}');
});

describe('messages that one can act on', () => {
  test.each<[what: string, text: string, shown: string]>([
    [
      'a wrong line',
      fenced('console', '$ echo a\nb   \nc', 'a', 'x', 'c').replace('a\nb   \nc', 'a'),
      'a.md:2: $ echo a\n3   a\n4 - x\n5 - c\n\n1 file, 1 command: 1 different.\n- is what the file says, + is what came out. If that is right: kubemu test --update\n',
    ],
    [
      'blanks that one does not see',
      fenced('console', '$ echo a  b', 'a b', '$ echo c', 'c '),
      'a.md:2: $ echo a  b\n3 - a·b\n  + a··b\n\na.md:4: $ echo c\n5 - c·\n  + c\n\n1 file, 2 commands: 2 different.\n- is what the file says, + is what came out. If that is right: kubemu test --update\n',
    ],
    [
      'a wrong exit code',
      fenced('console', '$ false', '$ true', '[exit 2]'),
      'a.md:2: $ false\n  - exit code 0\n  + exit code 1\n    it failed: write [exit 1] below its output if that is right\n\na.md:3: $ true\n  - exit code 2\n  + exit code 0\n    it ended well: take "[exit 2]" away if that is right\n\n1 file, 2 commands: 2 different.\n- is what the file says, + is what came out. If that is right: kubemu test --update\n',
    ],
    [
      'a placeholder that does not match',
      fenced('console', '$ echo web <none>', 'web {ip}'),
      'a.md:2: $ echo web <none>\n3 - web {ip}\n    {ip} stands for an IP address, and "<none>" is none\n  + web <none>\n\n1 file, 1 command: 1 different.\n- is what the file says, + is what came out. If that is right: kubemu test --update\n',
    ],
    [
      'a placeholder that nothing has named',
      fenced('console', '$ echo {name:web}'),
      'a.md:2: {name:web} is not known here: an output further up has to have it, which then names it\n\n1 file, 0 commands: 1 file cannot be used.\n',
    ],
    [
      'a fence without its end',
      'Text.\n\n```console\n$ echo a\na\n',
      'a.md:3: this block is never closed\nPut ``` on a line of its own after its last line\n\n1 file, 0 commands: 1 file cannot be used.\n',
    ],
    [
      'an unknown preset',
      `---\npreset: kubadm\n---\n`,
      'a.md:2: "kubadm" is no preset; did you mean "kubeadm"?\nThere are: kubeadm, aks, kind, minikube, mangodairy\n\n1 file, 0 commands: 1 file cannot be used.\n',
    ],
    [
      'an unknown mode',
      fenced('console unorderd', '$ echo a'),
      'a.md:1: "unorderd" is no mode; did you mean "unordered"?\nThere are: setup, unordered, contains, skip\n\n1 file, 0 commands: 1 file cannot be used.\n',
    ],
    [
      'an unknown setting',
      fenced('console sed=1', '$ echo a'),
      'a.md:1: "sed" is no setting; did you mean "seed"?\nThere are: preset, config, seed, clock, epoch, nodes, node-instances, namespace, columns, stderr\n\n1 file, 0 commands: 1 file cannot be used.\n',
    ],
    [
      'a mistyped key of the front matter',
      '---\npresett: kind\n---\n',
      'a.md:2: "presett" is no setting; did you mean "preset"?\nThere are: preset, config, seed, clock, epoch, nodes, node-instances, namespace, columns\n\n1 file, 0 commands: 1 file cannot be used.\n',
    ],
    [
      'a value that cannot be',
      '---\nepoch: yesterday\n---\n',
      'a.md:2: epoch: "yesterday" cannot be: it must look like 2026-01-01T00:00:00Z\n\n1 file, 0 commands: 1 file cannot be used.\n',
    ],
    [
      'output without a command',
      fenced('console', 'NAME   READY'),
      'a.md:2: "NAME   READY" stands before any command\nA console block begins with a prompt: "$ kubectl get pods", or "root@node-1:~# crictl ps"\n\n1 file, 0 commands: 1 file cannot be used.\n',
    ],
    [
      'a command without an end',
      fenced('console', "$ echo 'a", '> b'),
      'a.md:2: this command does not end: a quote, a here-document or a loop is still open where the block ends\nIts further lines begin with "> "\n\n1 file, 0 commands: 1 file cannot be used.\n',
    ],
  ])('%s', async (_, text, shown) => {
    expect((await check(text, { answers: { false: { code: 1 }, true: {} } })).shown).toBe(shown);
  });
});

describe('--update', () => {
  test.each<[what: string, before: string[], after: string[], output: string, code?: number]>([
    ['rewrites what no longer matches', ['a', 'x', 'c'], ['a', 'b', 'c'], 'a\nb\nc\n'],
    ['keeps placeholders that do', ['{name}   1/1   {age}', 'x'], ['{name}   1/1   {age}', 'y'], 'web   1/1   5s\ny\n'],
    [
      'keeps them in a line that is rewritten',
      ['web-{hash}   0/1   {age}'],
      ['web-{hash}    1/1   {age}'],
      'web-abcdefg   1/1   5s\n',
    ],
    ['keeps gaps', ['a', '...', 'x'], ['a', '...', 'z'], 'a\nb\nz\n'],
    ['writes the exit code', ['a'], ['a', '[exit 3]'], 'a\n', 3],
    ['takes the exit code away', ['[exit 3]'], [], ''],
  ])('%s', async (_, before, after, output, code = 0) => {
    const text = (lines: string[]) =>
      `# Title\n\n${fenced('console', '$ go', ...lines, '', '$ echo more', 'more')}\nEnd.\n`;
    const { report, text: now, shown } = await check(text(before), { answers: { go: { output, code } }, update: true });
    expect(now).toBe(text(after));
    expect(report.updated).toBe(1);
    expect(shown).toBe('1 file, 2 commands: 1 rewritten.\n');
    expect((await check(now, { answers: { go: { output, code } } })).report.results.every(({ ok }) => ok)).toBe(true);
  });

  test('leaves a file alone that is right', async () => {
    const text = fenced('console', '$ echo a', 'a').replaceAll('\n', '\r\n');
    expect(await check(text, { update: true })).toMatchObject({ text, report: { updated: 0 } });
  });
});

test('cram files run', async () => {
  const text = 'Prose.\n\n  $ echo a\n  a\n  $ fail\n  [4]\n  $ cat <<EOF\n  > x\n  > EOF\n  wrong\n';
  const answers = { fail: { code: 4 }, 'cat <<EOF\nx\nEOF': { output: 'x\n' } };
  const { shown } = await check(text, { answers, name: 'a.t' });
  expect(shown).toContain('a.t:7: $ cat <<EOF …\n10 - wrong\n   + x\n');
  expect((await check(text, { answers, name: 'a.t', update: true })).text).toBe(text.replace('wrong', 'x'));
});
