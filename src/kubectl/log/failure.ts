import { goJson, type JsonValue } from '../../base/go-json.ts';
import type { Factory } from '../client/factory.ts';
import type { Status } from '../client/status.ts';
import { AggregateFailure, describeFailure, ExitError, StatusError } from '../errors.ts';

import { TransportError } from '../transport.ts';
import { klogHeader } from './klog.ts';

const single = (error: unknown): unknown =>
  error instanceof AggregateFailure && error.errors.length === 1 ? error.errors[0] : error;

/** A Status' fields as Go orders them. */
const inOrder = ({ status, message, reason, details, code }: Status) => ({ status, message, reason, details, code });

/** Verbs whose clients decode into Go's types, which forget the kind of what they were. */
const TYPED = /^kubectl (autoscale|cordon|create .|drain|expose|rollout|run|set|taint|uncordon)/;

/** Tells more of a failure to whoever raised -v (cmdutil.StandardErrorMessage); gives back what ends the command. */
export function tellFailure({ log, commandPath, environment }: Factory, thrown: unknown): unknown {
  const failure = single(thrown);
  if (failure instanceof StatusError && failure.reason === 'Invalid') return thrown;
  const errors =
    failure instanceof AggregateFailure ? failure.errors : failure instanceof ExitError ? failure.causes : [failure];
  for (const error of errors) {
    if (error instanceof StatusError) {
      const { kind, apiVersion, metadata = {}, ...rest } = error.status;
      const type = TYPED.test(commandPath) ? {} : { kind, apiVersion };
      const shown = { ...type, metadata, ...inOrder(rest) } as unknown as JsonValue;
      log.info(4, 'helpers.go:246', `server response object: %s[${goJson(shown, { indent: '  ' })}]`);
    }
    if (error instanceof TransportError && error.asked) {
      const { operation, url } = error.asked;
      log.info(4, 'helpers.go:264', `Connection error: ${operation} ${url}: ${error.problem}`);
    }
  }
  if (!log.enabled(99, 'helpers.go:98')) return thrown;
  const { text } = describeFailure(thrown);
  return new ExitError(255, `${klogHeader(environment.now(), 'F')} helpers.go:193] ${text}`);
}
