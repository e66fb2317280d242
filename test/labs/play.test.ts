import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { Home } from '../tools/built.ts';

const homes: Home[] = [];
afterEach(() => {
  for (const home of homes.splice(0)) home.remove();
});

const LAB = `---
title: Notes of a lighthouse
level: beginner
minutes: 5
topic: ConfigMaps
version: 1
namespace: light
---

A story.

## Task: The name

\`\`\`sh setup
kubectl create configmap log --from-literal=keeper=Ana
echo "draft" > notes.txt
\`\`\`

\`\`\`yaml checks
- { check: It has a name, object: configmap/lighthouse, jsonpath: "{.data.name}", is: Roter Sand, otherwise: There is no name. }
- { check: The notes are final, run: cat notes.txt, shows: ^final$, otherwise: The notes are a draft., weight: 2 }
- { check: The log is kept, kept: configmap/log, otherwise: The log was replaced. }
\`\`\`

### Hint
Look at configmap.

### Solution
\`\`\`sh
kubectl create configmap lighthouse --from-literal=name="Roter Sand"
echo final > notes.txt
\`\`\`

### Mistake: replaces the log
\`\`\`sh
kubectl delete configmap log && kubectl create configmap log
\`\`\`

## Task: The light

\`\`\`yaml checks
- { check: It shines, object: configmap/lighthouse, matches: { data: { light: "on" } }, otherwise: It is dark. }
\`\`\`

### Solution
\`\`\`sh
kubectl patch configmap lighthouse -p '{"data":{"light":"on"}}'
\`\`\`
`;

function begin(source: string, ...more: string[]): Home {
  const home = new Home();
  homes.push(home);
  writeFileSync(join(home.folder, 'lighthouse.md'), source);
  expect(home.run('kubemu', 'lab', 'start', 'lighthouse.md', '--dir', 'work', ...more)).toMatchObject({
    code: 0,
    stderr: '',
  });
  return home;
}

test('a lab is played, submitted, and replayed to the same score', () => {
  const played = begin(LAB);
  const lab = (...words: string[]) => played.run('kubemu', 'lab', ...words);
  expect(played.run('kubectl', 'config', 'view', '--minify', '-o', 'jsonpath={..namespace}').stdout).toBe('light');
  const first = lab('check', '-v');
  expect(first.code).toBe(1);
  expect(first.stdout).toContain('✗ It has a name\n    There is no name.\n    there is no configmap/lighthouse\n');
  expect(first.stdout).toContain('✓ The log is kept\n\n1 point of 4.\n');
  expect(lab('next').stderr).toContain('kubemu lab next --skip');
  expect(lab('hint').stdout).toBe('Hint 1 of 1\n\nLook at configmap.\n');

  played.run('kubectl', 'delete', 'configmap', 'log');
  expect(lab('reset').code).toBe(0);
  expect(played.run('kubectl', 'get', 'configmap', 'log').code).toBe(0);

  writeFileSync(
    join(played.folder, 'config.yaml'),
    'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: lighthouse}\ndata: {name: Roter Sand}\n',
  );
  played.run('kubectl', 'apply', '-f', 'config.yaml');
  expect(readFileSync(join(played.folder, 'work/notes.txt'), 'utf8')).toBe('draft\n');
  writeFileSync(join(played.folder, 'work/notes.txt'), 'final\n');
  expect(lab('check')).toMatchObject({ code: 0, stderr: '' });
  expect(lab('next').stdout).toContain('Task 2 of 2: The light');

  expect(lab('submit', '--receipt', 'half.json')).toMatchObject({ code: 1 });
  expect(lab('list', '--json').code).toBe(0);
  const replayed = lab('replay', 'half.json');
  expect(replayed.stdout).toContain('4 of 5 points, 80 %: as the receipt says.');
  const receipt = readFileSync(join(played.folder, 'half.json'), 'utf8');
  writeFileSync(join(played.folder, 'forged.json'), receipt.replace('"score": 4', '"score": 5'));
  expect(lab('replay', 'forged.json')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('was changed after it was written'),
  });

  expect(lab('export', 'progress.json').code).toBe(0);
  expect(lab('import', 'progress.json').stdout).toBe('Took over the progress in 1 lab.\n');
  expect(lab('stop').stdout).toContain('The lab lighthouse is over');
  expect(lab('status').stderr).toContain('no lab is being played');
});

test('an exam tells nothing before it is submitted', () => {
  const home = begin(LAB.replace('namespace: light', 'namespace: light\nexam: { pass: 60 }'));
  const lab = (...words: string[]) => home.run('kubemu', 'lab', ...words);
  for (const verb of ['check', 'hint', 'solution']) expect(lab(verb).stderr).toMatch(/^error: an exam /);
  expect(lab('task', '2').stdout).toContain('Task 2 of 2: The light (20 %)');
  expect(lab('task', '3').stderr).toBe('error: there is no task 3: there are 1 to 2\n');
  home.run('kubectl', 'create', 'configmap', 'lighthouse', '--from-literal=name=Roter Sand', '--from-literal=light=on');
  const submitted = lab('submit', '--receipt', 'exam.json');
  expect(submitted.stdout).toContain('3 of 5 points, 60 % (60 % pass): passed.');
  expect(lab('replay', 'exam.json').code).toBe(0);
  expect(lab('solution', '1').stdout).toContain('kubectl create configmap');
});
