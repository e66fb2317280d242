import type { Command } from '../../command.ts';
import { rolloutPause, rolloutRestart, rolloutResume } from './change.ts';
import { rolloutHistory } from './show.ts';
import { rolloutStatus } from './status.ts';
import { rolloutUndo } from './undo.ts';

const command: Command = {
  name: 'rollout',
  use: 'rollout SUBCOMMAND',
  short: 'Manage the rollout of a resource',
  long: `Manage the rollout of one or many resources.

Valid resource types include:

  *  deployments
  *  daemonsets
  *  statefulsets`,
  examples: `
# Go back to the previous deployment
kubectl rollout undo deployment/abc

# See how far a daemon set's rollout is
kubectl rollout status daemonset/foo

# Restart a deployment
kubectl rollout restart deployment/abc

# Restart the deployments with the label 'app=nginx'
kubectl rollout restart deployment --selector=app=nginx`,
  groupHelp: 'stdout',
  subcommands: [rolloutHistory, rolloutPause, rolloutRestart, rolloutResume, rolloutStatus, rolloutUndo],
};

export default command;
