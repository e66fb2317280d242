import { describe, expect, it } from 'vitest';
import { JsonPath, relaxedJsonPath } from './index.ts';

const pods = {
  kind: 'List',
  items: [
    { name: 'a', labels: { app: 'web', 'x.io/y': 'dot' }, ports: [80, 443], ready: true, weight: 1.5, note: null },
    { name: 'b', labels: { app: 'db' }, ports: [5432], ready: false },
    { name: 'c', ports: [] },
  ],
};

const run = (template: string, allowMissingKeys = true) => new JsonPath(template, { allowMissingKeys }).execute(pods);

describe('JsonPath', () => {
  it.each([
    ['{.kind}', 'List'],
    ['kind is {.kind}.', 'kind is List.'],
    ['{.items[*].name}', 'a b c'],
    ['{.items[0].labels}', '{"app":"web","x.io/y":"dot"}'],
    ['{.items[0].ports}', '[80,443]'],
    ["{.items[0].labels['app']}", 'web'],
    ["{.items[0].labels['x\\.io/y']}", 'dot'],
    ['{.items[0].labels.x\\.io/y}', 'dot'],
    ['{.items[-1].name}', 'c'],
    ['{.items[0:2].name}', 'a b'],
    ['{.items[1:].name}', 'b c'],
    ['{.items[::2].name}', 'a c'],
    ['{.items[0,2].name}', 'a c'],
    ["{.items[0]['name','ready']}", 'a true'],
    ['{..app}', 'web db'],
    ['{.items[?(@.name=="b")].ports[0]}', '5432'],
    ['{.items[?(@.weight>1.2)].name}', 'a'],
    ['{.items[?(@.labels)].name}', 'a b'],
    ['{.items[?(@.ready!=true)].name}', 'b'],
    ['{range .items[*]}{.name}{"\\t"}{.labels.app}{"\\n"}{end}', 'a\tweb\nb\tdb\nc\t\n'],
    ['{range .items[*]}[{range .ports[*]}{@},{end}]{end}!', '[80,443,][5432,][]!'],
    ['{.items[0].note} {.items[0].weight}', 'null 1.5'],
    ['{.missing}', ''],
    ["{'single'} {true}", 'single true'],
  ])('%s', (template, output) => expect(run(template)).toBe(output));

  it.each([
    ['{.missing}', 'missing is not found'],
    ['{.items[?(@.ports[0]>100)].name}', 'array index out of bounds: index 0, length 0'],
    ['{.items[9].name}', 'array index out of bounds: index 9, length 3'],
    ['{.kind[0]}', 'string is not array or slice'],
    ['{.kind[?(@.a)]}', 'List is not array or slice and cannot be filtered'],
    ['{.items[?(@.name==1)]}', 'incompatible types for comparison'],
    ['{.items', 'unclosed action'],
    ['{.items[0}', 'unterminated array'],
    ['{.items[a]}', 'invalid array index a'],
    ['{.items[?(@.a}', 'unterminated filter'],
    ['{"a}', 'unterminated quoted string'],
    ['{end}', 'not in range, nothing to end'],
    ['{foo}', 'unrecognized identifier foo'],
    ['{..*}', "unrecognized character in action: U+002A '*'"],
    ['{....a}', 'invalid multiple recursive descent'],
  ])('%s fails', (template, message) => expect(() => run(template, false)).toThrow(new Error(message)));

  it('prints JSON when asked to', () => {
    expect(new JsonPath('{.items[0:2].name}', { asJson: true }).execute(pods)).toBe('[\n    "a",\n    "b"\n]\n');
  });

  it('relaxes paths', () => {
    expect(['x.y', '.x.y', '{x.y}', '{.x.y}'].map(relaxedJsonPath)).toEqual(Array(4).fill('{.x.y}'));
    expect(() => relaxedJsonPath('{.x}{.y}')).toThrow('unexpected path string');
  });
});
