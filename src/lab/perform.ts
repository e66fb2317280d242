import { parseDuration } from '../base/duration.ts';
import type { Block, Place } from './format/lab.ts';
import { splitCommands } from './script.ts';
import type { Stage } from './stage.ts';

/** One command, manifest or file of a way through a task: what can be left out of it. */
export interface Step extends Place {
  kind: Block['kind'];
  text: string;
  /** Of a file: its name. */
  name?: string;
}

/** A step that did not end well. */
export interface Trouble {
  step: Step;
  code: number;
  output: string;
}

/** The steps of blocks, in order: each command of a script, each document of a manifest. */
export const stepsOf = (blocks: Block[]): Step[] =>
  blocks.flatMap((block): Step[] => {
    const inside = (line: number, text: string): Step => ({ ...block, line: block.line + 1 + line, text });
    if (block.kind === 'commands') return splitCommands(block.text).map(({ line, text }) => inside(line, text));
    if (block.kind === 'manifest') return documents(block.text).map(({ line, text }) => inside(line, text));
    return [block];
  });

function documents(text: string): { line: number; text: string }[] {
  const found: { line: number; text: string }[] = [];
  let line = 0;
  for (const part of text.split(/^---.*\n/m)) {
    if (/^\s*[^#\s]/m.test(part)) found.push({ line, text: part });
    line += part.split('\n').length;
  }
  return found;
}

/** Does the steps one after another; answers those that failed. Neighbouring manifests are applied together. */
export async function perform(stage: Stage, steps: Step[]): Promise<Trouble[]> {
  const troubles: Trouble[] = [];
  for (let at = 0; at < steps.length; at++) {
    const step = steps[at]!;
    if (step.kind === 'file') {
      await stage.put(step.name!, step.text);
      continue;
    }
    let { text } = step;
    while (step.kind === 'manifest' && steps[at + 1]?.kind === 'manifest') text += `---\n${steps[++at]!.text}`;
    const { code, output } = await stage.run(step.kind === 'manifest' ? applied(text) : text);
    if (code !== 0) troubles.push({ step, code, output });
  }
  return troubles;
}

const applied = (text: string): string =>
  `kubectl apply -f - <<'KUBEMU_END_OF_MANIFEST'\n${text}${text.endsWith('\n') ? '' : '\n'}KUBEMU_END_OF_MANIFEST\n`;

/** Something that is done to a broken cluster (fixtures/labs/broken): on a node, through kubectl, or nothing for a while. */
export interface Action {
  node?: string;
  run?: string;
  kubectl?: string;
  apply?: string;
  wait?: string;
}

/** As the administrator on the control plane, past everything that may be broken. */
const AS_ADMINISTRATOR = 'export KUBECONFIG=/etc/kubernetes/super-admin.conf';

/** Breaks a cluster, or repairs it. `control`: the name of the control plane's node. */
export async function act(stage: Stage, actions: Action[], control: string): Promise<void> {
  for (const { node = control, run, kubectl, apply, wait } of actions) {
    if (wait) await stage.advance(parseDuration(wait));
    else if (apply) await stage.run(`${AS_ADMINISTRATOR}\n${applied(apply)}`, node);
    else await stage.run(`${AS_ADMINISTRATOR}\n${run ?? `kubectl ${kubectl}`}`, node);
  }
}
