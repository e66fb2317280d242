import { parseDuration } from '../../base/duration.ts';
import { goRegExp } from '../../base/go-regexp.ts';
import { formOf, type Node, type Positions } from './ast.ts';
import { childrenOf } from './check.ts';
import type { Issue } from './issues.ts';
import { clausesIn } from './library/format-string.ts';
import { type CelType, sameType, showType } from './types.ts';

const isDuration = (text: string): boolean => {
  try {
    parseDuration(text);
    return true;
  } catch {
    return false;
  }
};
const TIMESTAMP = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/;

/** Functions whose literal arguments are checked at once: which argument, and how. */
const CHECKED: Record<string, (text: string) => boolean> = {
  duration: isDuration,
  timestamp: (text) => TIMESTAMP.test(text) && !Number.isNaN(Date.parse(text)),
  matches: (text) => goRegExp(text) !== undefined,
};

const literal = (node: Node | undefined): string | undefined => {
  const form = node && formOf(node);
  return form?.is === 'value' && typeof form.value === 'string' ? form.value : undefined;
};

/** cel-go's validators of literals: durations, times, regular expressions and formats. */
export function checkLiterals(
  node: Node,
  at: Positions,
  typeAt: (node: Node) => CelType,
  issues: Issue[],
  free = false,
): void {
  const form = formOf(node);
  const alike = (nodes: Node[], all: boolean): void => {
    const [first, ...rest] = nodes;
    const wrong = first && !free ? rest.filter((one) => !sameType(typeAt(first), typeAt(one))) : [];
    for (const one of all ? wrong : wrong.slice(0, 1))
      issues.push({
        offset: at.of(one),
        message: `expected type '${showType(typeAt(first!))}' but found '${showType(typeAt(one))}'`,
      });
  };
  if (form.is === 'list') alike(form.items, false);
  if (form.is === 'map')
    for (const side of [0, 1])
      alike(
        form.entries.map((entry) => entry[side]!),
        true,
      );
  if (form.is === 'call') {
    const argument = form.args.at(-1);
    const text = literal(argument);
    const check = Object.hasOwn(CHECKED, form.name) ? CHECKED[form.name] : undefined;
    if (check && argument && text !== undefined && !check(text))
      issues.push({ offset: at.of(argument), message: `invalid ${form.name} argument` });
    const format = form.name === 'format' && form.receiver ? literal(form.receiver) : undefined;
    const list = format === undefined || !argument ? undefined : formOf(argument);
    if (list?.is === 'list') checkFormat(format!, list.items.length, at.of(node), issues);
  }
  const within = free || (form.is === 'call' && form.name === 'format');
  for (const child of childrenOf(form)) checkLiterals(child, at, typeAt, issues, within);
}

function checkFormat(format: string, given: number, offset: number, issues: Issue[]): void {
  const wanted = clausesIn(format);
  const clauses = format.matchAll(/%(?:%|(?:\.[0-9]+)?(?:[sdfebxXo]|(.)))/g);
  const wrong = [...clauses].find(([, verb]) => verb !== undefined)?.[1];
  const message = wrong
    ? `could not parse formatting clause: unrecognized formatting clause "${wrong}"`
    : given < wanted
      ? `index ${given} out of range`
      : `too many arguments supplied to string.format (expected ${wanted}, got ${given})`;
  if (wrong || given !== wanted) issues.push({ offset, message });
}
