import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseLab } from '../../src/lab/format/parse.ts';
import { Verifier } from '../../src/lab/verify.ts';

/** The lab that the author's guide shows. */
const guide = readFileSync(join(import.meta.dirname, '../../docs/labs.md'), 'utf8');
const example = /^````markdown example\n([\s\S]*?)^````$/m.exec(guide)![1]!;
const verify = async (source: string) =>
  (await new Verifier().verify(parseLab(source, 'shop.md', { id: 'shop', series: 'own' }))).problems;

test("the guide's lab is proven, as the guide says", async () => {
  const verdict = await new Verifier().verify(parseLab(example, 'shop.md', { id: 'shop', series: 'own' }));
  expect(verdict.problems).toEqual([]);
  expect(guide).toContain(`1 task, 3 checks, ${verdict.runs} runs`);
});

test.each<[string, [string, string], string]>([
  [
    'a solution that does not pass',
    ['app=shop\n```', 'app=shops\n```'],
    'shop.md:38: "The service selects the shop\'s pods" fails after the solution (line 57): spec.selector.app is shops, not shop',
  ],
  [
    'a task that is solved from the start',
    ['{ app: candles }', '{ app: shop }'],
    'shop.md:12: "Open the door": the untouched start passes every check',
  ],
  ['a check that cannot fail', ['kubectl delete deployment shop\n', ''], '"The deployment is the old one" never fails'],
  [
    'a mistake that passes',
    [
      'kubectl delete deployment shop\nkubectl create deployment candles --image=nginx:1.27',
      'kubectl set selector service shop app=shop',
    ],
    'shop.md:73: the mistake "a new deployment whose labels fit the service" passes every check',
  ],
  [
    'a setup that fails',
    ['kubectl run client', 'kubectl runs client'],
    'shop.md:34: this part of the setup exits with 1: error: unknown command',
  ],
])('%s is told', async (_name, [from, to], wanted) => {
  expect(example).toContain(from);
  expect((await verify(example.replace(from, to))).join('\n')).toContain(wanted);
});

test('a hint may not tell all before the last', async () => {
  const told = example
    .replace('### Solution\n', '### Hint\nMore.\n\n### Solution\n')
    .replace('Compare `', '`kubectl set selector service shop app=shop` or compare `');
  expect((await verify(told)).join('\n')).toContain('hint 1 tells this whole solution already');
});
