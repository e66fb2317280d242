import { outputLines } from './compare.ts';
import { isIncomplete } from './console.ts';
import type { Prompt } from './document.ts';
import type { OpenPlace, Place } from './place.ts';
import { literal } from './placeholders.ts';
import type { Settings } from './settings.ts';

/** Where a recording's lines come from and where what is shown goes. */
export interface Terminal {
  /** The next line; undefined at the end of the input. */
  read(prompt: string): Promise<string | undefined>;
  show(text: string): void;
}

export interface Recording {
  markdown: string;
  commands: number;
}

const promptOf = ({ node, user }: Prompt): string =>
  node === undefined ? '$ ' : `${user}@${node}:~${user === 'root' ? '#' : '$'} `;

/** What a person types, up to `exit` or the end of the input, with what came of it, as a Markdown transcript. */
export async function record(settings: Settings, open: OpenPlace, terminal: Terminal): Promise<Recording> {
  const place = await open(settings);
  try {
    return await recordIn(place, settings, terminal);
  } finally {
    place.close();
  }
}

async function recordIn(place: Place, settings: Settings, terminal: Terminal): Promise<Recording> {
  const parts: string[][] = [];
  let prompt: Prompt = {};
  let block: string[] | undefined;
  let commands = 0;
  for (;;) {
    const command = await typed(terminal, promptOf(prompt));
    if (command === undefined) break;
    const words = command.trim().split(/\s+/);
    if (words[0] === '') continue;
    if (words[0] === '#') {
      if (words.length > 1) parts.push([words.slice(1).join(' ')]);
      block = undefined;
    } else if (words[0] === 'exit' && words.length === 1) {
      if (prompt.node === undefined) break;
      prompt = {};
    } else if (words[0] === 'ssh' && words.length === 2) {
      const [node = '', user = 'root'] = words[1]!.split('@').reverse();
      const { code, output } = await place.run(`ssh ${user}@${node} true`, {}, 'both');
      if (code === 0) prompt = { node, user };
      else terminal.show(output);
    } else {
      const { output, code } = await place.run(command, prompt, 'both');
      terminal.show(output === '' || output.endsWith('\n') ? output : `${output}\n`);
      if (!block) {
        block = [];
        parts.push(block);
      }
      const exit = code === 0 ? [] : [`[exit ${code}]`];
      block.push(
        `${promptOf(prompt)}${command.replaceAll('\n', '\n> ')}`,
        ...outputLines(output).map(literal),
        ...exit,
      );
      commands++;
    }
  }
  const blocks = parts.map((lines) => (isConsole(lines) ? ['```console', ...lines, '```'] : lines).join('\n'));
  return { markdown: `${[...frontMatter(settings), ...blocks].join('\n\n')}\n`, commands };
}

/** A command, with all of its lines. */
async function typed(terminal: Terminal, prompt: string): Promise<string | undefined> {
  let command = await terminal.read(prompt);
  while (command !== undefined && isIncomplete(command)) {
    const more = await terminal.read('> ');
    if (more === undefined) break;
    command += `\n${more}`;
  }
  return command;
}

const isConsole = ([first = '']: string[]): boolean => /^(\$ |[\w-]+@[\w.-]+:~[#$] )/.test(first);

function frontMatter({ nodeInstances, ...settings }: Settings): string[] {
  const all = { ...settings, ...(nodeInstances && { 'node-instances': nodeInstances.join(',') }) };
  const lines = Object.entries(all).map(([key, value]) => `${key}: ${value}`);
  return lines.length > 0 ? [['---', ...lines, '---'].join('\n')] : [];
}
