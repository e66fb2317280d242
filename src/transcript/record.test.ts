import { expect, test } from 'vitest';
import { record } from './record.ts';
import { scripted } from './testing.ts';

test('what is typed becomes a transcript', async () => {
  const { open, calls } = scripted({ 'cat <<EOF\n{age}\nEOF': { output: '{age}' }, fail: { output: 'no\n', code: 3 } });
  const lines = [
    'echo a',
    '',
    '# Then',
    'fail',
    'ssh me@node-1',
    'cat <<EOF',
    '{age}',
    'EOF',
    'exit',
    'exit',
    'echo no',
  ];
  const prompts: string[] = [];
  let shown = '';
  const { markdown, commands } = await record({ preset: 'kind', nodeInstances: [2, 3] }, open, {
    async read(prompt) {
      prompts.push(prompt);
      return lines.shift();
    },
    show(text) {
      shown += text;
    },
  });
  expect(commands).toBe(3);
  expect(shown).toBe('a\nno\n{age}\n');
  expect(prompts.slice(4)).toEqual(['$ ', 'me@node-1:~$ ', '> ', '> ', 'me@node-1:~$ ', '$ ']);
  expect(calls.at(-1)).toBe('close');
  expect(markdown).toBe(
    [
      '---\npreset: kind\nnode-instances: 2,3\n---\n',
      '```console\n$ echo a\na\n```\n',
      'Then\n',
      '```console\n$ fail\nno\n[exit 3]\nme@node-1:~$ cat <<EOF\n> {age}\n> EOF\n\\{age}\n```\n',
    ].join('\n'),
  );
});
