import { expect, test } from 'vitest';
import type { LabError } from './lab.ts';
import { parseLab } from './parse.ts';

const FRONT = `---
title: The shop
level: beginner
minutes: 10
topic: Services
version: 1
namespace: shop
---
`;

const TASK = `
A shop in Graz.

## Task: Open the door

Make it answer.

\`\`\`yaml setup
apiVersion: v1
kind: Pod
metadata: { name: a }
---
apiVersion: v1
kind: Pod
metadata: { name: b }
\`\`\`

\`\`\`yaml checks
- check: The service selects the pods
  object: service/shop
  matches: { spec: { selector: { app: shop } } }
  otherwise: It selects none.
  weight: 2
- check: Three are ready
  object: deployment/shop
  jsonpath: "{.status.readyReplicas}"
  atLeast: 3
  otherwise: Too few.
\`\`\`

### Hint
Look at the labels.

### Solution: by hand
\`\`\`sh
kubectl set selector service shop app=shop
\`\`\`
`;

const read = (source: string) => parseLab(source, 'shop.md', { id: 'shop', series: 'own' });

/** The problems of a file. */
function problems(source: string): string[] {
  try {
    read(source);
    return [];
  } catch (error) {
    return (error as LabError).problems;
  }
}

test('a lab as its author writes it', () => {
  const lab = read(`${FRONT}${TASK}\n## Afterwards\nRead on.\n`);
  expect(lab).toMatchObject({
    id: 'shop',
    title: 'The shop',
    namespace: 'shop',
    story: 'A shop in Graz.',
    afterwards: 'Read on.',
  });
  const [task] = lab.tasks;
  expect(task).toMatchObject({ title: 'Open the door', text: 'Make it answer.', hints: ['Look at the labels.'] });
  expect(task!.solutions).toMatchObject([{ title: 'by hand', blocks: [{ kind: 'commands' }] }]);
  expect(task!.checks).toMatchObject([
    { kind: 'object', line: 27, weight: 2, looksLike: { spec: { selector: { app: 'shop' } } } },
    { kind: 'object', line: 32, weight: 1, comparisons: { atLeast: 3 } },
  ]);
});

test('a task may name its topic', () => {
  const [task] = read(`${FRONT}${TASK.replace('Make it answer.', 'Topic: Networking\n\nMake it answer.')}`).tasks;
  expect(task).toMatchObject({ topic: 'Networking', text: 'Make it answer.' });
});

test.each<[string, string, string]>([
  ['no front matter', TASK, 'shop.md:1: there is no front matter'],
  ['front matter without an end', '---\ntitle: x\n', 'shop.md:1: the front matter does not end'],
  [
    'a level that is none',
    FRONT.replace('beginner', 'easy') + TASK,
    'shop.md:3: level: "easy" is not allowed: it must be one of beginner',
  ],
  [
    'a key that is none',
    FRONT.replace('minutes', 'minuten') + TASK,
    'minuten: unknown field: the fields here are title, level',
  ],
  ['no task', `${FRONT}A story.\n`, 'shop.md:1: there is no task: write "## Task: TITLE"'],
  ['a heading that is none', `${FRONT}${TASK}\n## Taks: Two\n`, '"## Taks: Two" is not known'],
  ['a part that is none', `${FRONT}${TASK}\n### Tip\nx\n`, '"### Tip" is not known: it must be "### Hint"'],
  ['a fence without an end', `${FRONT}${TASK}\n### Hint\n\`\`\`sh\nls\n`, 'this block does not end: put a line ```'],
  [
    'a check of no kind',
    FRONT + TASK.replace('  object: service/shop\n', ''),
    'check 1: a check has one of object, objects, run, reach, kept',
  ],
  ['a typo in a check', FRONT + TASK.replace('otherwise: Too', 'otherwize: Too'), 'otherwize: unknown field'],
  [
    'a check that says nothing',
    FRONT + TASK.replace('  otherwise: Too few.\n', ''),
    'shop.md:32: check 2: otherwise: is required',
  ],
  ['a comparison with nothing', FRONT + TASK.replace('  atLeast: 3\n', ''), 'what should it find? Add one of is, not'],
  ['a path that cannot be read', FRONT + TASK.replace('{.status.ready', '{.status[.ready'), 'check 2: jsonpath:'],
  ['an object without a name', FRONT + TASK.replace('service/shop', 'service'), 'it must look like deployment/web'],
  ['checks that are no YAML', FRONT + TASK.replace('- check: Three', '- check: : Three'), 'this is no YAML'],
  [
    'a solution that does nothing',
    FRONT + TASK.replace('```sh\nkubectl set selector service shop app=shop\n```', ''),
    '"### Solution: by hand" does nothing',
  ],
  [
    'a script with a wrong line',
    FRONT + TASK.replace('kubectl set', 'if; then kubectl set'),
    'this is no shell script',
  ],
  ['a block of another language', FRONT + TASK.replace('```sh\n', '```python\n'), 'a block of python cannot be run'],
  [
    'a file outside of the home',
    FRONT + TASK.replace('```sh\n', '```sh file=../x\n'),
    'file=../x: it must be a name below the home folder',
  ],
])('%s', (_name, source, wanted) => {
  expect(problems(source).join('\n')).toContain(wanted);
});
