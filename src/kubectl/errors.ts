import type { Status } from './client/status.ts';
import { TransportError } from './transport.ts';

/** A failure whose message kubectl prints after "error: ". */
export class CommandError extends Error {}

/** Ends the command without another word: `exec`'s and a plugin's own exit codes, help after a wrong command. */
export class ExitError extends Error {
  constructor(
    readonly code: number,
    message = '',
    /** What ends the command, where the message tells of several errors. */
    readonly causes: Error[] = [],
  ) {
    super(message);
  }
}

/** A failed answer of the API server. */
export class StatusError extends Error {
  constructor(readonly status: Status) {
    super(status.message);
  }

  get reason(): string {
    return this.status.reason ?? '';
  }
}

/** What a kubeconfig got wrong: "Error in configuration: …". */
export class ConfigurationError extends Error {
  constructor(readonly problems: string[]) {
    super(problems.length > 1 ? `[${problems.join(', ')}]` : problems[0]);
  }
}

/** Several failures, printed one a line. */
export class AggregateFailure extends Error {
  constructor(readonly errors: Error[]) {
    super(aggregateMessage(errors.flatMap(messagesOf)));
  }
}

/** An error's message; those of several errors one by one. */
const messagesOf = (error: Error): string[] =>
  error instanceof AggregateFailure ? error.errors.flatMap(messagesOf) : [error.message];

/** utilerrors.Aggregate's text: each message once, in brackets when there are several. */
function aggregateMessage(messages: string[]): string {
  const distinct = [...new Set(messages)];
  return distinct.length === 1 ? distinct[0]! : `[${distinct.join(', ')}]`;
}

/** Throws what was collected: nothing, the one error, or all of them. */
export function throwCollected(errors: Error[]): void {
  if (errors.length === 1) throw errors[0];
  if (errors.length > 1) throw new AggregateFailure(errors);
}

/** Throws what was met while objects were visited: to kubectl an aggregate even of one, whose messages stand without "error: ", unless it came of `retrieving` one. */
export function throwVisited(errors: Error[], retrieving: Error[] = []): void {
  if (errors.length === 1) throwCollected(retrieving);
  if (errors.length > 0) throw new ExitError(1, `${errors.map(messageOf).join('\n')}\n`, errors);
}

export const isForbidden = (error: unknown): boolean => error instanceof StatusError && error.reason === 'Forbidden';
export const isNotFound = (error: unknown): boolean => error instanceof StatusError && error.reason === 'NotFound';
export const isConflict = (error: unknown): boolean => error instanceof StatusError && error.reason === 'Conflict';

/** Any thrown value as an Error. */
export const asError = (thrown: unknown): Error => (thrown instanceof Error ? thrown : new Error(String(thrown)));

/** cmdutil.AddSourceToErr: `error when creating "x.yaml": …`, still a Status when it was one. */
export function addSource(verb: string, source: string, error: Error): Error {
  if (!source) return error;
  const message = `error when ${verb} ${JSON.stringify(source)}: ${error.message}`;
  return error instanceof StatusError ? new StatusError({ ...error.status, message }) : new CommandError(message);
}

/** cmdutil.StandardErrorMessage: how errors of the server and the connection read; undefined for all others. */
function standardMessage(error: Error): string | undefined {
  if (error instanceof StatusError) {
    if (error.reason === 'Unauthorized') return `error: You must be logged in to the server (${error.message})`;
    return error.reason
      ? `Error from server (${error.reason}): ${error.message}`
      : `Error from server: ${error.message}`;
  }
  if (!(error instanceof TransportError)) return undefined;
  if (!error.problem.includes('connection refused')) return `Unable to connect to the server: ${error.problem}`;
  const host = /tcp ([^ ]+): /.exec(error.problem)?.[1] ?? '';
  return `The connection to the server ${error.host ?? host} was refused - did you specify the right host or port?`;
}

export const messageOf = (error: Error): string => standardMessage(error) ?? error.message;

/** cmdutil.MultilineError: one problem on the same line, several as a list. */
function multiline(prefix: string, problems: string[]): string {
  if (problems.length === 1) return `${prefix}${problems[0]}\n`;
  return [prefix, ...problems.map((problem) => `* ${problem}`), ''].join('\n');
}

function invalidMessage({ message, details }: Status): string {
  if (!details) return `The request is invalid${message ? `: ${message}` : ''}`;
  const causes = [...new Set((details.causes ?? []).map((cause) => `${cause.field ?? ''}: ${cause.message}`))];
  const subject =
    details.kind || details.name
      ? `The ${details.kind ?? ''} ${JSON.stringify(details.name ?? '')} is invalid`
      : `The request is invalid${message && causes.length === 0 ? `: ${message}` : ''}`;
  return causes.length > 0 ? multiline(`${subject}: `, causes) : subject;
}

/** What kubectl writes to standard error about a failure, and its exit code (cmdutil.CheckErr). */
export function describeFailure(thrown: unknown): { text: string; code: number } {
  const error = asError(thrown);
  const single = error instanceof AggregateFailure && error.errors.length === 1 ? error.errors[0]! : error;
  const text = failureText(single);
  return {
    text: text === '' || text.endsWith('\n') ? text : `${text}\n`,
    code: single instanceof ExitError ? single.code : 1,
  };
}

function failureText(error: Error): string {
  if (error instanceof ExitError) return error.message;
  if (error instanceof StatusError && error.reason === 'Invalid') return invalidMessage(error.status);
  if (error instanceof ConfigurationError) return multiline('Error in configuration: ', error.problems);
  if (error instanceof AggregateFailure) return error.errors.map((each) => `${messageOf(each)}\n`).join('');
  return standardMessage(error) ?? (error.message.startsWith('error: ') ? error.message : `error: ${error.message}`);
}
