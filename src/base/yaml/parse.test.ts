import { describe, expect, it } from 'vitest';
import { goJson } from '../go-json.ts';
import { decodeDocuments } from './documents.ts';
import { parseYaml } from './parse.ts';

describe('parseYaml', () => {
  it.each([
    ['a: yes\nb: "yes"\nc: 0x10\nd: 010\ne: 1_000\nf: 22:22', '{"a":true,"b":"yes","c":16,"d":8,"e":1000,"f":"22:22"}'],
    ['a: 2020-01-01\nb: 1e3\nc: ~\nd:\ne: 0o17\nf: 08', '{"a":"2020-01-01","b":1000,"c":null,"d":null,"e":15,"f":8}'],
    ['a: 9223372036854775807\nb: 18446744073709551616', '{"a":9223372036854775807,"b":18446744073709552000}'],
    ['1: a\ntrue: b\n1.5: c\non: d', '{"1":"a","1.5":"c","true":"d"}'],
    ['b: &b {x: 1, z: 2}\nd:\n  <<: *b\n  z: 3', '{"b":{"x":1,"z":2},"d":{"x":1,"z":3}}'],
    ['a: !!str 5\nb: !!int "3"\nc: !!binary aGk=', '{"a":"5","b":3,"c":"hi"}'],
    ['a: b\na: c', '{"a":"c"}'],
    ['', 'null'],
  ])('%j', async (text, json) => expect(goJson(await parseYaml(text), { sortKeys: true })).toBe(json));

  // What go-yaml 2 answers to each.
  it.each([
    ['a: b: c\n', 'mapping values are not allowed in this context'],
    ['a: b\n c: d', 'line 2: mapping values are not allowed in this context'],
    ['a:\n  - b\n c', 'line 2: did not find expected key'],
    ['a:\n\tb: c', 'line 2: found character that cannot start any token'],
    ['a: b\n\tc: d', 'line 2: found a tab character that violates indentation'],
    ['a: [1, 2\nb: 3', "line 1: did not find expected ',' or ']'"],
    ['a: "x', 'found unexpected end of stream'],
    ['kind: Pod\nmetadata\n  name: x\n', "line 3: could not find expected ':'"],
    ['kind: Pod\nmetadata:\n  name: "a\nspec:\n  x: y\n', 'line 6: found unexpected end of stream'],
    ['spec:\n  containers:\n  - name: a\n   image: b\n', 'line 3: did not find expected key'],
    ['a:\n  - x: 1\n    y: 2\n  z: 3\n', "line 3: did not find expected '-' indicator"],
    ['x: 1\na: `x', 'line 2: found character that cannot start any token'],
    ['name: {{ .Values.x }}-foo\n', 'did not find expected key'],
    ['k: - x', 'block sequence entries are not allowed in this context'],
    ['a: {{ x }}', 'invalid map key: map[interface {}]interface {}{"x":interface {}(nil)}'],
    ['a: *b', "unknown anchor 'b' referenced"],
    ['a: &x [*x]', "anchor 'x' value contains itself"],
    ['a: \x01', 'control characters are not allowed'],
  ])('%j is refused', async (text, message) => {
    await expect(parseYaml(text)).rejects.toThrow(new Error(`error converting YAML to JSON: yaml: ${message}`));
  });

  it.each([
    [' a: 1\nb: 2', { a: 1 }],
    ['a: 1\n%YAML 1.1\nb: 2', { a: 1 }],
    ['a: 1\n...\nb: 2', { a: 1 }],
    ['a: |2-\n   x\n  y\n', { a: ' x\ny' }],
    ['a: >\n  x\n  y\n\n  z\n', { a: 'x y\nz\n' }],
    ['a: "x\\\n  y"', { a: 'xy' }],
    ['a: b\n  c\n\n  d', { a: 'b c\nd' }],
    ['[a: 1, ? b, c]', [{ a: 1 }, { b: null }, 'c']],
    ['{a, b: , c: 1}', { a: null, b: null, c: 1 }],
    ['a:\n- 1\n-\n- 2', { a: [1, null, 2] }],
    ['? a\n: b', { a: 'b' }],
    ['x: &x {a: 1, b: 2}\nz:\n  <<: *x\n  c: 3', { x: { a: 1, b: 2 }, z: { a: 1, b: 2, c: 3 } }],
    ['"<<": 1', { '<<': 1 }],
    ['!!str 1', '1'],
    ['%TAG !e! tag:e.io,2000:\n---\n!e!x 1', '1'],
  ])('reads %j as far as go-yaml does', async (text, value) => {
    expect(await parseYaml(text)).toEqual(value);
  });

  it.each([
    ['a: b\n c: d', 'line 2: mapping values are not allowed in this context'],
    ['a:\n  b: 1\n c: 2', 'line 2: did not find expected key'],
    ['a:\n\tb: 1', 'line 2: found character that cannot start any token'],
    ['a: b\n\tc', 'line 2: found a tab character that violates indentation'],
    ['a: "b\n', 'line 2: found unexpected end of stream'],
    ['a: [b\nc: d', "line 1: did not find expected ',' or ']'"],
    ['a: {b: c\nd: e', "line 1: did not find expected ',' or '}'"],
    ['a: *b', "unknown anchor 'b' referenced"],
    ['a: - b', 'block sequence entries are not allowed in this context'],
    ['a: @b', 'found character that cannot start any token'],
    ['a: "\\y"', 'found unknown escape character'],
    ['a: |0\n x', 'found an indentation indicator equal to 0'],
    ['a: !x!y b', 'found undefined tag handle'],
    ['%YAML 1.2\n---\na: b', 'found incompatible YAML document'],
    ['...\na: b', 'did not find expected node content'],
    ['{a: b}: c', 'invalid map key: map[interface {}]interface {}{"a":"b"}'],
    ['<<: 1', 'map merge requires map or sequence of maps as the value'],
  ])('refuses %j in the words of go-yaml', async (text, message) => {
    await expect(parseYaml(text)).rejects.toThrow(new Error(`error converting YAML to JSON: yaml: ${message}`));
  });

  it('refuses keys that come twice when strict', async () => {
    await expect(parseYaml('a: b\na: c', { strict: true })).rejects.toThrow(
      'unmarshal errors:\n  line 2: key "a" already set in map',
    );
  });
});

describe('decodeDocuments', () => {
  const all = async (text: string) => {
    const documents: unknown[] = [];
    try {
      for await (const document of decodeDocuments(text)) documents.push(document);
    } catch (error) {
      documents.push((error as Error).message);
    }
    return documents;
  };

  it.each([
    ['a: 1\n---\nb: 2\n', [{ a: 1 }, { b: 2 }]],
    ['---\n# x\n---\na: 1', [null, { a: 1 }]],
    ['a: 1\n--- b\n', ['invalid Yaml document separator: b']],
    ['{"a":1}\n{"b":2}', [{ a: 1 }, { b: 2 }]],
    ['{"a":1,}', [{ a: 1 }]],
    ['{"a" 1', ["json: offset 6: invalid character '1' after object key"]],
    ['{"a": 1', ['unexpected EOF']],
  ])('%j', async (text, documents) => expect(await all(text)).toEqual(documents));
});
