import { ShellSyntaxError } from '../../sh/syntax/ast.ts';
import { parseScript } from '../../sh/syntax/parser.ts';
import { literal } from '../../sh/syntax/words.ts';
import type { Lab } from '../format/lab.ts';
import { makeCluster } from '../recipe.ts';
import { Stage } from '../stage.ts';
import { MASTER } from './convert.ts';
import type { Scenario } from './read.ts';

/** What a script names: its programs, and addresses outside of the cluster. */
interface Named {
  file: string;
  line: number;
  program?: string;
  address?: string;
}

/** What the scripts of a scenario need and the simulation does not have: `FILE:LINE: …`. */
export async function lacks(scenario: Scenario, lab: Lab): Promise<string[]> {
  const { index, text } = scenario;
  const parts = [index.details.intro, ...(index.details.steps ?? [])];
  const problems: string[] = [];
  const named: Named[] = [];
  for (const part of parts) {
    for (const file of [part?.background, part?.foreground, part?.verify]) {
      if (file === undefined) continue;
      try {
        named.push(...namesIn(file, text(file)!));
      } catch (error) {
        if (!(error instanceof ShellSyntaxError)) throw error;
        problems.push(`${file}:${error.line}: the simulated shell does not understand this: ${error.message}`);
      }
    }
  }
  const missing = await missingPrograms(lab, [...new Set(named.flatMap(({ program }) => program ?? []))]);
  for (const { file, line, program, address } of named) {
    if (program && missing.has(program)) problems.push(`${file}:${line}: ${program} is not simulated`);
    if (address) problems.push(`${file}:${line}: ${address} is not in the cluster, and nothing outside of it is there`);
  }
  return [...new Set(problems)];
}

function namesIn(file: string, script: string): Named[] {
  const { nodes } = parseScript(script);
  const functions = new Set(nodes.flatMap((node) => (node.kind === 'function' ? [node.name] : [])));
  return nodes.flatMap((node): Named[] => {
    if (node.kind !== 'simple') return [];
    const [program, ...words] = node.words.map((word) => literal(word));
    const addresses = words.filter((word) => word !== undefined && isOutside(word));
    return [
      ...(program && !program.includes('/') && !functions.has(program) ? [{ file, line: node.line, program }] : []),
      ...addresses.map((address) => ({ file, line: node.line, address: address! })),
    ];
  });
}

/** Whether an address names a host of the internet. */
function isOutside(word: string): boolean {
  const [, host = ''] = /^https?:\/\/([^/:\s]+)/.exec(word) ?? [];
  return /\.[a-z]{2,}$/i.test(host) && !/\.(local|svc|internal)$/i.test(host);
}

async function missingPrograms(lab: Lab, programs: string[]): Promise<Set<string>> {
  if (programs.length === 0) return new Set();
  const stage = Stage.restore(await makeCluster(lab, { name: lab.id, epoch: Date.UTC(2026, 0, 1) }), lab.namespace);
  const asked = `for name in ${programs.map((name) => `'${name.replaceAll("'", '')}'`).join(' ')}; do command -v "$name" >/dev/null || echo "$name"; done`;
  const { stdout } = await stage.run(asked, MASTER);
  return new Set(stdout.split('\n').filter(Boolean));
}
