import { sha256 } from '../base/hash.ts';
import { UserError } from '../base/user-error.ts';
import { administratorOf } from '../cluster/administrator.ts';
import type { Credentials } from '../cluster/authenticate.ts';
import type { LoggedDeed } from '../cluster/deeds.ts';
import { InProcessTransport } from '../cluster/transport.ts';
import type { HttpRequest } from '../kubectl/transport.ts';
import { TransportError } from '../kubectl/transport.ts';
import { restoreState } from '../store/memory-keeper.ts';
import { standStill } from './clock.ts';
import type { Lab } from './format/lab.ts';
import { begin, digestOf, gradeCopy, moveOn, type Origin } from './run.ts';
import { scoresOf, type TaskScore } from './score.ts';
import { type HomeFiles, Stage } from './stage.ts';

/** What `kubemu lab submit` writes: who did what when, and what it was worth. */
export interface Receipt {
  kubemuReceipt: 1;
  lab: { id: string; title: string; version: number; digest: string; source?: string };
  origin: Origin;
  /** Wall time of beginning and end, ms. */
  startedAt: number;
  submittedAt: number;
  log: LoggedDeed[];
  /** By task. */
  result: TaskScore[];
  hints: number;
  solutions: number;
  /** sha256 of all the rest, as JSON. */
  digest: string;
}

/** The receipt with its digest. */
export function sealed(receipt: Omit<Receipt, 'digest'>): Receipt {
  return { ...receipt, digest: sha256(JSON.stringify(receipt)) };
}

/** Reads a receipt. Throws UserError for what is none, or was changed since it was written. */
export function readReceipt(text: string, path: string): Receipt {
  let receipt: Receipt;
  try {
    receipt = JSON.parse(text) as Receipt;
  } catch {
    throw new UserError(`${path} is no receipt: kubemu lab submit writes one`);
  }
  if (receipt?.kubemuReceipt !== 1) throw new UserError(`${path} is no receipt: kubemu lab submit writes one`);
  const { digest, ...rest } = receipt;
  if (digest !== sha256(JSON.stringify(rest)))
    throw new UserError(`${path} was changed after it was written: its digest does not fit what it says`);
  return receipt;
}

/** Does everything again that a receipt tells, and grades it: what each task was worth. Throws UserError if the lab is another one. */
export async function replayReceipt(receipt: Receipt, lab: Lab): Promise<TaskScore[]> {
  if (digestOf(lab) !== receipt.lab.digest)
    throw new UserError(
      `the lab ${lab.id} has changed since: the receipt is of version ${receipt.lab.version}, this one is ${lab.version}`,
    );
  return await redo(lab, receipt.origin, receipt.log);
}

/** Plays a log from the beginning of its lab; resolves with the score of each task at its last check. */
export async function redo(lab: Lab, origin: Origin, log: LoggedDeed[]): Promise<TaskScore[]> {
  const state = restoreState(await begin(lab, origin));
  standStill(state);
  const stage = new Stage(state, lab.namespace);
  const scores: TaskScore[] = lab.tasks.map((task) => scoresOf(task, undefined));
  for (const deed of log) {
    const { simulation, clock, random } = await stage.cluster();
    await simulation.runUntil(Math.max(deed.at, clock.now()));
    random.state = deed.random;
    if (deed.kind === 'check' || deed.kind === 'submit') {
      const tasks = deed.tasks as number[];
      const copy = new Stage(restoreState(await stage.snapshot()), lab.namespace);
      await copy.setHome((deed.files ?? {}) as HomeFiles);
      for (const [task, results] of await gradeCopy(copy, lab, tasks))
        scores[task] = scoresOf(lab.tasks[task]!, results);
    } else if (deed.kind === 'next') {
      await stage.setHome((deed.files ?? {}) as HomeFiles);
      await moveOn(stage, lab, deed.task as number);
    } else await again(stage, deed);
  }
  return scores;
}

/** Does one thing that a learner did. */
async function again(stage: Stage, deed: LoggedDeed): Promise<void> {
  if (deed.kind === 'line') {
    const line = deed.line as string;
    await stage.run(
      deed.stdin === undefined ? line : `${line} <<'KUBEMU_END_OF_INPUT'\n${deed.stdin}\nKUBEMU_END_OF_INPUT\n`,
    );
    return;
  }
  const { spec, state } = await stage.cluster();
  const own = administratorOf(state.section('cluster'));
  const user = (deed.user ?? {
    token: own.token,
    clientCertificateData: own['client-certificate-data'],
  }) as Credentials;
  const target = { server: spec.apiServer, user, userAgent: deed.userAgent as string };
  const transport = new InProcessTransport({ session: stage.session, target });
  try {
    if (deed.kind === 'request') await transport.request(deed.request as HttpRequest);
    if (deed.kind === 'stream') await transport.stream(deed.path as string, inputOf(deed));
    if (deed.kind === 'forward')
      await transport.forward(
        deed.namespace as string,
        deed.pod as string,
        deed.port as number,
        Buffer.from(deed.data as string, 'base64'),
      );
  } catch (error) {
    // What failed then, fails now.
    if (!(error instanceof TransportError)) throw error;
  }
}

function inputOf({ stdin }: LoggedDeed) {
  const ignore = () => {};
  return {
    stdout: ignore,
    stderr: ignore,
    ...(stdin !== undefined && {
      stdin: (async function* () {
        yield Buffer.from(stdin);
      })(),
    }),
  };
}
