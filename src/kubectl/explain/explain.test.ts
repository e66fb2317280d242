import { describe, expect, it } from 'vitest';
import { type Document, kindOf, type Schema, schemaOf } from './document.ts';
import { Plaintext } from './plaintext.ts';
import { PlaintextV2 } from './plaintext-openapiv2.ts';
import { wordWrap } from './wrap.ts';

const KIND = { group: 'example.com', version: 'v1', kind: 'Widget' };
const PART: Schema = {
  type: 'object',
  description: 'Part is a piece of a widget.',
  required: ['name'],
  properties: {
    name: { type: 'string', description: 'What it is called.' },
    parts: { type: 'array', items: { allOf: [{ $ref: '#/components/schemas/com.example.v1.Part' }] } },
    size: { type: 'string', description: 'How big.', enum: ['', 'L', 'M', 'S', 'XL'] },
  },
};
const WIDGET: Schema = {
  type: 'object',
  description: 'Widget is a thing.\n\nIt has parts.',
  properties: {
    labels: { type: 'object', additionalProperties: { type: 'string' }, description: 'Words about it.' },
    parts: {
      type: 'array',
      description: 'Its parts.',
      items: { allOf: [{ $ref: '#/components/schemas/com.example.v1.Part' }] },
    },
  },
  'x-kubernetes-group-version-kind': [KIND],
};
const DOCUMENT: Document = {
  paths: {
    '/apis/example.com/v1/namespaces/{namespace}/widgets': { get: { 'x-kubernetes-group-version-kind': KIND } },
  },
  components: { schemas: { 'com.example.v1.Part': PART, 'com.example.v1.Widget': WIDGET } },
};

describe('kubectl explain', () => {
  it('finds kinds and their schemas', () => {
    expect(kindOf(DOCUMENT, 'example.com', 'v1', 'widgets')).toEqual(KIND);
    expect(schemaOf(DOCUMENT, KIND)).toBe(WIDGET);
  });

  it('shows a kind with its fields', () => {
    expect(new Plaintext(DOCUMENT, false).output(WIDGET, [])).toBe(
      [
        'DESCRIPTION:',
        '    Widget is a thing.',
        '    ',
        '    It has parts.',
        '    ',
        'FIELDS:',
        '  labels\t<map[string]string>',
        '    Words about it.',
        '',
        '  parts\t<[]Part>',
        '    Its parts.',
        '',
        '',
      ].join('\n'),
    );
  });

  it('shows a field, through lists and references', () => {
    expect(new Plaintext(DOCUMENT, false).output(WIDGET, ['parts', 'size'])).toBe(
      'FIELD: size <string>\nENUM:\n    ""\n    L\n    M\n    S\n    XL\n\nDESCRIPTION:\n    How big.\n    \n',
    );
    expect(new Plaintext(DOCUMENT, false).output(WIDGET, ['parts', 'nothing'])).toBe('');
  });

  it('shows fields of fields, but no circle twice', () => {
    expect(new Plaintext(DOCUMENT, true).output(WIDGET, [])).toMatch(
      /FIELDS:\n {2}labels\t<map\[string\]string>\n {2}parts\t<\[\]Part>\n {4}name\t<string> -required-\n {4}parts\t<\[\]Part>\n {4}size\t<string>\n {4}enum: "", L, M, S, \.{4}\n$/,
    );
  });

  it('shows the older layout', () => {
    const printer = new PlaintextV2(DOCUMENT, false, KIND);
    expect(printer.print(WIDGET, ['parts', 'name'])).toEqual({
      text: 'KIND:     Widget\nVERSION:  example.com/v1\n\nFIELD:    name <string>\n\nDESCRIPTION:\n     What it is called.\n',
    });
    expect(printer.print(WIDGET, ['parts', 'x'])).toEqual({ missing: 'x' });
  });
});

describe('wordWrap', () => {
  it.each([
    ['a bb ccc', 4, 'a bb\nccc'],
    ['a\nb  c', 10, 'a\nb  c'],
    ['long-word-here x', 5, 'long-word-here\nx'],
  ])('%j in %d', (text, limit, wrapped) => expect(wordWrap(text, limit)).toBe(wrapped));
});
