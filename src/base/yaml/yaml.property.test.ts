import fc from 'fast-check';
import { expect, test } from 'vitest';
import { emitYaml } from './emit.ts';
import { parseYaml } from './parse.ts';

const OPTIONS = { seed: 33, numRuns: 1000 };

/** Pieces that YAML could take for something else. */
const PIECES = [
  ...[
    '',
    ' ',
    '  ',
    '\n',
    '\n\n',
    '\t',
    ':',
    ': ',
    ' #',
    '#',
    '-',
    '- ',
    '?',
    '? ',
    '|',
    '>',
    '&a',
    '*a',
    '!',
    '%',
    '@',
    '`',
  ],
  ...[
    '"',
    "'",
    '\\',
    '{',
    '}',
    '[',
    ']',
    ',',
    '<<',
    '---',
    '...',
    '~',
    'null',
    'yes',
    'no',
    'on',
    'off',
    'true',
    '=',
    'y',
  ],
  ...[
    '0',
    '00',
    '0x1',
    '0b1',
    '0o7',
    '1_0',
    '1e3',
    '.5',
    '1.',
    '+1',
    '-1',
    '.inf',
    '.nan',
    '1:30',
    '2026-01-01',
    '12e03',
  ],
  ...['a', 'é', '日本', '😀', '\u00a0', '\ufeff', '\u0007', '\r', 'word '.repeat(30)],
];
const text = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 20 }),
  fc.array(fc.constantFrom(...PIECES), { maxLength: 6 }).map((pieces) => pieces.join('')),
);
const leaf = fc.oneof(
  text,
  fc.boolean(),
  fc.constant(null),
  fc.maxSafeInteger(),
  // Whole numbers beyond those are read as bigints.
  fc.double({ noNaN: true, min: -(2 ** 52), max: 2 ** 52 }).map((value) => (Object.is(value, -0) ? 0 : value)),
);
const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    leaf,
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(
      text.filter((key) => key !== '__proto__' && key !== '<<'),
      tie('value'),
      { maxKeys: 4, noNullPrototype: true },
    ),
  ),
}));

/** go-yaml breaks lines at these, wherever they stand, and folds them when it reads: they are never the same again. */
const survives = (text: string) => !/[\u0085\u2028\u2029]|\p{Cs}/u.test(text);

test('what is written is read again as it was', async () => {
  await fc.assert(
    fc.asyncProperty(
      value.filter((any) => survives(JSON.stringify(any))),
      async (any) => {
        expect(await parseYaml(emitYaml(any))).toEqual(any);
      },
    ),
    OPTIONS,
  );
});
