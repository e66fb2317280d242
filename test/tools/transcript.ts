import type { Home } from './built.ts';

export interface Step {
  /** `rajith@node-1`; empty for a prompt of `$` alone. */
  who: string;
  command: string;
  /** Both streams, as a terminal shows them. */
  output: string;
}

/** Reads a transcript: `user@host$ command` (or `$ command`), and below it what came out. */
export function readTranscript(text: string): Step[] {
  const steps: Step[] = [];
  for (const line of text.split('\n').slice(0, -1)) {
    const [, who, command] = /^((?:[a-z]+@[\w-]+)?)\$ (.*)$/.exec(line) ?? [];
    if (command !== undefined) steps.push({ who: who ?? '', command, output: '' });
    else steps.at(-1)!.output += `${line}\n`;
  }
  return steps;
}

/** Runs a step as somebody at that prompt would: kubectl and kubemu here, with what `| grep WORD` leaves; all else by the node's shell. */
export function play(home: Home, { who, command }: Step): string {
  const [, line = '', word] = /^(.*?)(?:\s*\|\s*grep (\S+))?\s*$/.exec(command) ?? [];
  const [program = '', ...args] = line.split(/\s+/);
  const local = program === 'kubectl' || program === 'kubemu';
  const { stdout, stderr } = local ? home.run(program, ...args) : home.run('kubemu', 'ssh', '-t', who, command);
  const output = `${stdout}${stderr}`;
  if (word === undefined || !local) return output;
  return output
    .split('\n')
    .filter((each) => each.includes(word))
    .map((each) => `${each}\n`)
    .join('');
}

/** What a transcript looks like when it is played now. */
export function replay(home: Home, steps: Step[]): string {
  return steps.map((step) => `${step.who}$ ${step.command}\n${play(home, step)}`).join('');
}
