import type { Invocation } from '../../command.ts';
import { CommandError } from '../../errors.ts';
import type { BuilderOptions } from '../../resource/builder.ts';

/** Throws when neither arguments nor files name anything. */
export function requireResource({ flags, args }: Invocation): void {
  if (args.length === 0 && flags.strings('filename').length === 0 && !flags.string('kustomize')) {
    throw new CommandError('required resource not specified');
  }
}

/** What every subcommand of `rollout` looks up. */
export const rolloutTargets = ({ flags, args }: Invocation): BuilderOptions => ({
  args,
  allowEmptySelector: true,
  filenames: flags.strings('filename'),
  kustomize: flags.string('kustomize'),
  recursive: flags.bool('recursive'),
  labelSelector: flags.string('selector'),
  continueOnError: true,
  latest: true,
});
