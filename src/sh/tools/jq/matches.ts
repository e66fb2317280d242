import type { Argument } from './builtins.ts';
import type { Item, World } from './evaluate.ts';
import { brief, JqError, type Json, type JsonObject, typeOf } from './values.ts';

const FLAGS: Record<string, string> = { g: 'g', i: 'i', s: 's', n: '', l: '', x: '', p: 's' };

function compile(pattern: Json, flags: Json): RegExp {
  if (typeof pattern !== 'string')
    throw new JqError(`${typeOf(pattern)} (${brief(pattern)}) cannot be matched, as it is not a string`);
  if (flags !== null && typeof flags !== 'string') throw new JqError(`${JSON.stringify(flags)} is not a string`);
  for (const flag of flags ?? '') if (!(flag in FLAGS)) throw new JqError(`${flags} is not a valid modifier string`);
  const chosen = [...new Set([...(flags ?? '')].map((flag) => FLAGS[flag]!).join(''))].join('');
  const inline = /^\(\?([a-z]+)\)/.exec(pattern);
  const source = (flags ?? '').includes('x') ? pattern.replace(/\s+|#.*$/gm, '') : pattern;
  try {
    return new RegExp(
      inline ? source.slice(inline[0].length) : source,
      `du${chosen}${inline?.[1]?.includes('i') ? 'i' : ''}`,
    );
  } catch {
    throw new JqError(`${pattern} (at offset 0) is not a valid regex: invalid pattern`);
  }
}

/** Code points before an index of UTF-16 units. */
const points = (text: string, at: number): number => [...text.slice(0, at)].length;

function* matches(value: Json, pattern: Json, flags: Json): Generator<JsonObject, void> {
  if (typeof value !== 'string')
    throw new JqError(`${typeOf(value)} (${brief(value)}) cannot be matched, as it is not a string`);
  const expression = compile(pattern, flags);
  const found = expression.global ? value.matchAll(expression) : [expression.exec(value)].filter((one) => one !== null);
  for (const match of found) {
    const names = Object.entries(match.indices?.groups ?? {});
    const captures = match.slice(1).map((text: string | undefined, i): JsonObject => {
      const at = match.indices?.[i + 1];
      const name = names.find(([, place]) => place === at || (place && at && place[0] === at[0] && place[1] === at[1]));
      return {
        offset: at ? points(value, at[0]) : -1,
        length: [...(text ?? '')].length,
        string: text ?? null,
        name: name?.[0] ?? groupName(expression.source, i) ?? null,
      };
    });
    yield {
      offset: points(value, match.index),
      length: [...match[0]].length,
      string: match[0],
      captures,
    };
  }
}

/** The name of a group that took no part. */
function groupName(source: string, index: number): string | undefined {
  const groups = [...source.matchAll(/\\.|\((?:\?<([A-Za-z_]\w*)>|(?!\?))/g)].filter(([text]) => text.startsWith('('));
  return groups[index]?.[1];
}

/** `match([re, flags])` gives both at once. */
const both = (pattern: Json, flags: Json): [Json, Json] =>
  Array.isArray(pattern) ? [pattern[0] ?? null, pattern[1] ?? null] : [pattern, flags];

type Matcher = (item: Item, args: Argument[], world: World) => Generator<Item, void>;

const over = (work: (value: Json, pattern: Json, flags: Json) => Iterable<Json>): Matcher =>
  function* ({ value }, [re, flags]) {
    for (const flag of flags!.values(value))
      for (const pattern of re!.values(value))
        for (const found of work(value, ...both(pattern, flag))) yield { value: found };
  };

/** Regular expressions. */
export const MATCHES: Record<string, Matcher> = {
  'match/2': over(matches),
  'test/2': over((value, pattern, flags) => [!matches(value, pattern, flags).next().done]),
};
