import { readYaml, YamlError } from '../../base/yaml/parse.ts';
import { checkShape, type Shape } from '../../cluster/shape.ts';
import { parseScript, ShellSyntaxError } from '../script.ts';
import { readCheck } from './checks.ts';
import { type Block, type Check, type Lab, LabError, LEVELS, type Place, PRESETS, type Task, type Way } from './lab.ts';
import { type Fence, proseOf, readMarkdown, type Section } from './markdown.ts';
import { lineOfPath } from './yaml-lines.ts';

const text: Shape = { type: 'string' };

const FRONT_MATTER: Shape & { type: 'object' } = {
  type: 'object',
  fields: {
    title: text,
    level: { type: 'one of', values: LEVELS },
    minutes: { type: 'integer', from: 1 },
    topic: text,
    version: { type: 'integer', from: 1 },
    namespace: { type: 'string', matches: /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/, like: 'shop' },
    cluster: {
      type: 'object',
      fields: {
        preset: { type: 'one of', values: PRESETS },
        nodes: { type: 'integer', from: 1 },
        seed: { type: 'integer' },
        addons: { type: 'list', of: text },
        kubernetesVersion: text,
        clock: { type: 'one of', values: ['real', 'manual'] },
        config: { type: 'any' },
      },
    },
    broken: { type: 'string', matches: /^[a-z0-9-]+$/, like: 'service-selector' },
    imported: text,
    exam: { type: 'object', fields: { pass: { type: 'integer', from: 1 } }, required: ['pass'] },
  },
  required: ['title', 'level', 'minutes', 'topic', 'version'],
};

/** What may stand below a task. */
const PARTS: [RegExp, 'hint' | 'solution' | 'mistake'][] = [
  [/^Hint\b/i, 'hint'],
  [/^Solution\b/i, 'solution'],
  [/^Mistake\b/i, 'mistake'],
];

/** Reads a lab. `file`: its name in messages. Throws LabError with every problem that it finds. */
export function parseLab(source: string, file: string, { id, series }: { id: string; series: string }): Lab {
  return new LabReader(source, file).read(id, series);
}

class LabReader {
  readonly problems: string[] = [];

  constructor(
    private readonly source: string,
    private readonly file: string,
  ) {}

  read(id: string, series: string): Lab {
    const { frontMatter, sections, problems } = readMarkdown(this.source, this.file);
    this.problems.push(...problems);
    const facts = frontMatter
      ? this.yaml(frontMatter.text, frontMatter.line, FRONT_MATTER)
      : this.#say(1, 'there is no front matter: begin with --- and the keys title, level, minutes, topic, version');
    const [story, ...rest] = sections;
    const tasks: Task[] = [];
    let afterwards: string | undefined;
    for (const section of rest) {
      const task = /^Task:\s*(.+)$/i.exec(section.heading)?.[1];
      if (section.level === 2 && task) tasks.push(this.#task(task, section));
      else if (section.level === 2 && /^Afterwards$/i.test(section.heading)) afterwards = proseOf(section.parts);
      else if (section.level === 2)
        this.#say(section.line, `"## ${section.heading}" is not known: it must be "## Task: TITLE" or "## Afterwards"`);
      else this.#part(tasks.at(-1), section);
    }
    if (this.problems.length === 0) this.#whole(tasks, facts as Partial<Lab> | undefined);
    if (this.problems.length > 0) throw new LabError(this.problems);
    return {
      namespace: 'default',
      cluster: {},
      ...(facts as Pick<Lab, 'title' | 'level' | 'minutes' | 'topic' | 'version'>),
      id,
      series,
      file: this.file,
      story: proseOf(story?.parts ?? []),
      tasks,
      ...(afterwards && { afterwards }),
      source: this.source,
    };
  }

  #say(line: number, problem: string): undefined {
    this.problems.push(`${this.file}:${line}: ${problem}`);
  }

  /** YAML that begins at a line of the file, checked; undefined when it cannot be used. */
  yaml(block: string, line: number, shape?: Shape): unknown {
    let value: unknown;
    try {
      value = readYaml(block, { strict: true, oldBooleans: false });
    } catch (error) {
      if (!(error instanceof YamlError)) throw error;
      const message = error.message.replace('error converting YAML to JSON: ', '');
      const [, at] = /line (\d+)/.exec(message) ?? [];
      return this.#say(line + Number(at ?? 1) - 1, `this is no YAML: ${message.replace(/^yaml: (line \d+: )?/, '')}`);
    }
    const problems = shape ? checkShape(value, shape, '') : [];
    for (const problem of problems) this.#sayAt(block, line, problem);
    return problems.length > 0 ? undefined : value;
  }

  /** A problem that begins with a path into a block. */
  #sayAt(block: string, line: number, problem: string): void {
    const [, path = ''] = /^([^:\s]*): /.exec(problem) ?? [];
    this.#say(line + lineOfPath(block, path), problem);
  }

  #task(title: string, section: Section): Task {
    const first = section.parts.findIndex((part) => typeof part !== 'string' || part.trim() !== '');
    const opening = section.parts[first];
    const topic = typeof opening === 'string' ? /^Topic:\s*(\S.*?)\s*$/i.exec(opening)?.[1] : undefined;
    const task: Task = {
      file: this.file,
      line: section.line,
      title,
      ...(topic && { topic }),
      text: proseOf(section.parts.slice(topic ? first + 1 : 0), ({ words }) => words.length > 0),
      setup: [],
      checks: [],
      hints: [],
      solutions: [],
      mistakes: [],
    };
    for (const part of section.parts) {
      if (typeof part === 'string' || part.words.length === 0) continue;
      const [word = ''] = part.words;
      const after = part.words[1] === 'after';
      if (word === 'checks' && part.language === 'yaml') task.checks.push(...this.#checks(part));
      else if (word === 'setup' || word.startsWith('file='))
        task.setup.push(...this.#block(part).map((block) => ({ ...block, ...(after && { after }) })));
      else
        this.#say(
          part.line,
          `"${[part.language, ...part.words].join(' ')}" is not known: a task has blocks "yaml setup", "sh setup", "yaml checks" and "… file=NAME"`,
        );
    }
    return task;
  }

  #checks(fence: Fence): Check[] {
    const list = this.yaml(fence.text, fence.line + 1);
    if (list === undefined) return [];
    if (!Array.isArray(list)) {
      this.#say(fence.line, 'checks are a list: each begins with "- check:"');
      return [];
    }
    return list.flatMap((raw, index) => {
      const line = fence.line + 1 + lineOfPath(fence.text, `[${index}]`);
      const read = readCheck(raw, `[${index}]`, { file: this.file, line });
      if ('check' in read) return [read.check];
      for (const problem of read.problems) {
        const [, path = '', rest = problem] = /^([^:\s]*?): ?(.*)$/s.exec(problem) ?? [];
        const field = path.replace(/^\[\d+\]\.?/, '');
        this.#say(
          fence.line + 1 + lineOfPath(fence.text, path),
          `check ${index + 1}: ${field ? `${field}: ` : ''}${rest}`,
        );
      }
      return [];
    });
  }

  /** A block of manifests, commands or a file; nothing if it cannot be used. */
  #block(fence: Fence): Block[] {
    const place: Place = { file: this.file, line: fence.line };
    const name = fence.words.find((word) => word.startsWith('file='))?.slice('file='.length);
    if (name !== undefined) {
      if (/^[^/\s][^\s]*$/.test(name) && !name.split('/').includes('..'))
        return [{ ...place, kind: 'file', name, text: fence.text }];
      this.#say(fence.line, `file=${name}: it must be a name below the home folder, like file=pod.yaml`);
      return [];
    }
    if (/^ya?ml$/.test(fence.language)) {
      for (const [offset, document] of documentsOf(fence.text)) this.yaml(document, fence.line + 1 + offset);
      return [{ ...place, kind: 'manifest', text: fence.text }];
    }
    if (!/^(sh|bash|shell)$/.test(fence.language)) {
      this.#say(
        fence.line,
        `a block of ${fence.language || 'no language'} cannot be run: it must be sh, yaml, or have a file=NAME`,
      );
      return [];
    }
    try {
      parseScript(fence.text);
    } catch (error) {
      if (!(error instanceof ShellSyntaxError)) throw error;
      this.#say(fence.line + error.line, `this is no shell script: ${error.message}`);
    }
    return [{ ...place, kind: 'commands', text: fence.text }];
  }

  #part(task: Task | undefined, section: Section): void {
    if (!task) return this.#say(section.line, `"### ${section.heading}" stands before the first "## Task: TITLE"`);
    const [, part] = PARTS.find(([pattern]) => pattern.test(section.heading)) ?? [];
    if (!part)
      return this.#say(
        section.line,
        `"### ${section.heading}" is not known: it must be "### Hint", "### Solution" or "### Mistake: WHAT"`,
      );
    if (part === 'hint') {
      task.hints.push(proseOf(section.parts));
      return;
    }
    const blocks = section.parts.flatMap((one) =>
      typeof one === 'string' || (one.language === '' && one.words.length === 0) || one.language === 'text'
        ? []
        : this.#block(one),
    );
    const way: Way = {
      file: this.file,
      line: section.line,
      title: section.heading.replace(/^\w+\s*:?\s*/, ''),
      text: proseOf(section.parts.map((one) => (typeof one === 'string' ? one : withName(one)))),
      blocks,
    };
    if (!blocks.some(({ kind }) => kind !== 'file'))
      this.#say(section.line, `"### ${section.heading}" does nothing: it needs a block of sh or yaml`);
    (part === 'solution' ? task.solutions : task.mistakes).push(way);
  }

  #whole(tasks: Task[], facts: Partial<Lab> | undefined): void {
    if (tasks.length === 0) this.#say(1, 'there is no task: write "## Task: TITLE"');
    for (const task of tasks) {
      if (task.checks.length === 0) this.#say(task.line, `"${task.title}" has no checks: add a block "yaml checks"`);
      if (task.solutions.length === 0 && !facts?.broken && !facts?.imported)
        this.#say(task.line, `"${task.title}" has no solution: add "### Solution" with a block of sh`);
    }
    if (facts?.exam && facts.broken)
      this.#say(1, 'an exam has no broken cluster of its own: break it in the setup of a task');
  }
}

/** A file's block as the learner sees it says the file's name. */
const withName = (fence: Fence): Fence => {
  const name = fence.words.find((word) => word.startsWith('file='))?.slice('file='.length);
  return name ? { ...fence, text: `# ${name}\n${fence.text}` } : fence;
};

/** The documents of a YAML text, with the lines before each. */
function* documentsOf(block: string): Generator<[offset: number, text: string]> {
  let start = 0;
  const lines = block.split('\n');
  for (let at = 0; at <= lines.length; at++) {
    if (at < lines.length && !/^---(\s|$)/.test(lines[at]!)) continue;
    yield [start, lines.slice(start, at).join('\n')];
    start = at + 1;
  }
}
