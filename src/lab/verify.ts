import { grade, type Result } from './checks/grade.ts';
import { type Check, type Lab, placeOf, type Task, type Way } from './format/lab.ts';
import { perform, type Step, stepsOf, type Trouble } from './perform.ts';
import { makeCluster } from './recipe.ts';
import { repair, setUp, setUpAll } from './scene.ts';
import { splitCommands } from './script.ts';
import { Stage } from './stage.ts';

/** Clusters of labs that are verified begin then. */
const EPOCH = Date.UTC(2026, 0, 1);

export interface Verdict {
  lab: Lab;
  /** One line for each rule that the lab breaks, `FILE:LINE: …`. */
  problems: string[];
  /** How many clusters were played through. */
  runs: number;
}

/** A way through a task that can be played. */
interface Play {
  /** `the solution`, `the solution "with a manifest"` … */
  name: string;
  line: number;
  steps: Step[];
  /** Before the steps. */
  first?(stage: Stage): Promise<void>;
}

/**
 * Proves a lab: every solution passes all checks of its task, the untouched start fails it, every check can fail, each task can be
 * solved from what the one before leaves. Clusters of the same kind are made once for all labs that one verifier looks at.
 */
export class Verifier {
  readonly #clusters = new Map<string, Promise<string>>();

  async verify(lab: Lab): Promise<Verdict> {
    return await new Trial(lab, await this.#cluster(lab)).run();
  }

  #cluster(lab: Lab): Promise<string> {
    const key = JSON.stringify(lab.cluster);
    const made = this.#clusters.get(key) ?? makeCluster(lab, { name: 'lab', epoch: EPOCH });
    this.#clusters.set(key, made);
    return made;
  }
}

class Trial {
  readonly #problems: string[] = [];
  #runs = 0;

  constructor(
    private readonly lab: Lab,
    private readonly cluster: string,
  ) {}

  async run(): Promise<Verdict> {
    if (this.lab.exam) await this.#exam();
    else await this.#chain();
    for (const task of this.lab.tasks) this.#hints(task);
    return { lab: this.lab, problems: this.#problems, runs: this.#runs };
  }

  /** Each task begins with what the first solution of the one before left. */
  async #chain(): Promise<void> {
    let state = this.cluster;
    for (const task of this.lab.tasks) {
      const stage = this.#open(state);
      this.#failedSetup(await setUp(stage, this.lab, task));
      state = await this.#task(task, await stage.snapshot());
    }
  }

  /** All tasks begin at once, and their solutions must not undo each other. */
  async #exam(): Promise<void> {
    const stage = this.#open(this.cluster);
    this.#failedSetup(await setUpAll(stage, this.lab));
    const start = await stage.snapshot();
    for (const task of this.lab.tasks) await this.#task(task, start);
    if (this.#problems.length > 0) return;
    const all = this.#open(start);
    for (const task of this.lab.tasks) await perform(all, stepsOf(task.solutions[0]!.blocks));
    await all.settle();
    for (const task of this.lab.tasks)
      for (const { check, failure } of failed(await grade(all, task)))
        this.#say(check, `"${check.check}" fails when all tasks are solved, one after another: ${failure}`);
  }

  /** Proves one task; resolves with the state that its first solution leaves. */
  async #task(task: Task, start: string): Promise<string> {
    const untouched = this.#open(start);
    const untouchedFailures = failed(await grade(untouched, task));
    if (untouchedFailures.length === 0) this.#say(task, `"${task.title}": the untouched start passes every check`);
    const seenFailing = new Set<Check>(untouchedFailures.map(({ check }) => check));
    const plays = this.#plays(task);
    if (plays.length === 0)
      this.#say(task, `"${task.title}" has no solution, so nothing proves it: add "### Solution"`);
    let left: string | undefined;
    for (const play of plays) {
      const { stage, results, troubles } = await this.#play(start, task, play);
      for (const { check, failure } of failed(results))
        this.#say(check, `"${check.check}" fails after ${play.name} (line ${play.line}): ${failure}`);
      if (failed(results).length > 0) this.#explain(troubles);
      left ??= await stage.snapshot();
    }
    for (const mistake of task.mistakes) {
      const { results } = await this.#play(start, task, {
        ...named(mistake, 'mistake'),
        steps: stepsOf(mistake.blocks),
      });
      for (const { check } of failed(results)) seenFailing.add(check);
      if (failed(results).length === 0) this.#say(mistake, `the mistake "${mistake.title}" passes every check`);
    }
    await this.#mutate(task, start, plays, seenFailing);
    return left ?? start;
  }

  #plays(task: Task): Play[] {
    const own = task.solutions.map((way) => ({ ...named(way, 'solution'), steps: stepsOf(way.blocks) }));
    const { lab } = this;
    if (!lab.broken || task !== lab.tasks[0]) return own;
    const name = `the repair of fixtures/labs/broken/${lab.broken}.yaml`;
    return [...own, { name, line: task.line, steps: [], first: (stage) => repair(stage, lab) }];
  }

  /** Leaves out one step of each solution after another, until every check has failed once. */
  async #mutate(task: Task, start: string, plays: Play[], seenFailing: Set<Check>): Promise<void> {
    const silent = () => task.checks.filter((check) => !seenFailing.has(check));
    for (const play of plays) {
      for (const step of play.steps) {
        if (silent().length === 0) return;
        const steps = play.steps.filter((one) => one !== step);
        const { results } = await this.#play(start, task, { ...play, steps });
        for (const { check } of failed(results)) seenFailing.add(check);
      }
    }
    for (const check of silent())
      this.#say(
        check,
        `"${check.check}" never fails, whatever command is left out: add a "### Mistake: …" that it catches, or remove it`,
      );
  }

  async #play(start: string, task: Task, { first, steps }: Play) {
    const stage = this.#open(start);
    await first?.(stage);
    const troubles = await perform(stage, steps);
    await stage.settle();
    return { stage, troubles, results: await grade(stage, task) };
  }

  #open(state: string): Stage {
    this.#runs++;
    return Stage.restore(state, this.lab.namespace);
  }

  #failedSetup(troubles: Trouble[]): void {
    for (const { step, code, output } of troubles)
      this.#say(step, `this part of the setup exits with ${code}: ${telling(output)}`);
  }

  /** Of a solution that does not pass: which of its commands failed. */
  #explain(troubles: Trouble[]): void {
    for (const { step, code, output } of troubles)
      this.#say(step, `this command exits with ${code}: ${telling(output)}`);
  }

  /** Only the last hint may tell everything. */
  #hints({ hints, solutions }: Task): void {
    for (const [index, hint] of hints.slice(0, -1).entries()) {
      const words = squeezed(hint);
      const told = solutions.find(({ blocks }) => {
        const commands = blocks.flatMap((block) => (block.kind === 'commands' ? splitCommands(block.text) : []));
        return commands.length > 0 && commands.every(({ text }) => words.includes(squeezed(text)));
      });
      if (told) this.#say(told, `hint ${index + 1} tells this whole solution already: only the last hint may`);
    }
  }

  #say(place: { file: string; line: number }, problem: string): void {
    this.#problems.push(`${placeOf(place)}: ${problem}`);
  }
}

const named = ({ title, line }: Way, kind: string) => ({
  name: title ? `the ${kind} "${title}"` : `the ${kind}`,
  line,
});

const failed = (results: Result[]): Result[] => results.filter(({ failure }) => failure !== undefined);

const squeezed = (text: string): string => text.replace(/\s+/g, ' ').trim();

/** The line of an output that says what went wrong, as far as one can tell. */
function telling(output: string): string {
  const lines = output.trim().split('\n');
  return (lines.find((line) => /error|not found|invalid|unknown/i.test(line)) ?? lines.at(-1)) || 'it says nothing';
}
