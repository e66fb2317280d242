import { expect, it } from 'vitest';
import { compareStrings, goJson } from './go-json.ts';
import { goFloat, goQuote, goSyntax, goValue } from './go-quote.ts';
import { fnv1a32, safeEncodeString, sha256 } from './hash.ts';

it('writes JSON as encoding/json', () => {
  expect(goJson({ b: '<a & b>', a: [1, 1.5, 1e21, null, true], c: {}, d: [] }, { sortKeys: true })).toBe(
    '{"a":[1,1.5,1e+21,null,true],"b":"\\u003ca \\u0026 b\\u003e","c":{},"d":[]}',
  );
  expect(goJson({ a: '\u0001\u2028\n\u007f\ud800', b: undefined, c: 9223372036854775807n })).toBe(
    '{"a":"\\u0001\\u2028\\n\u007f\\ufffd","c":9223372036854775807}',
  );
  expect(goJson({ a: { b: [1, {}] } }, { indent: '    ' })).toBe(
    '{\n    "a": {\n        "b": [\n            1,\n            {}\n        ]\n    }\n}',
  );
  expect(['\u{1f600}', '\uffee', 'a'].sort(compareStrings)).toEqual(['a', '\uffee', '\u{1f600}']);
});

it('renders values as fmt', () => {
  expect(goQuote('a"b\\\n\u0001é\u00a0\u{1f600}')).toBe('"a\\"b\\\\\\n\\x01é\\u00a0\u{1f600}"');
  expect(goValue({ b: [1, 'x', null], a: { c: true } })).toBe('map[a:map[c:true] b:[1 x <nil>]]');
  expect(goSyntax({ a: ['x', null] })).toBe('map[string]interface {}{"a":[]interface {}{"x", interface {}(nil)}}');
  expect([1e21, 1234567, 100000, 0.00001, 0.5].map(goFloat)).toEqual([
    '1e+21',
    '1.234567e+06',
    '100000',
    '1e-05',
    '0.5',
  ]);
});

it('hashes as Go', () => {
  expect(fnv1a32('hello')).toBe(0x4f9f2cab);
  expect(safeEncodeString('1234')).toBe(
    ['1', '2', '3', '4'].map((c) => 'bcdfghjklmnpqrstvwxz2456789'[c.charCodeAt(0) % 27]).join(''),
  );
  expect(sha256('')).toMatch(/^e3b0c442/);
});
