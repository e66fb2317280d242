import type { Flag } from './command.ts';
import type { HostMachine } from './io.ts';

/** Variables that turn on or off what kubectl has in alpha or beta (cmdutil.FeatureGate). */
export type FeatureGate =
  | 'KUBECTL_APPLYSET'
  | 'KUBECTL_ENABLE_CMD_SHADOW'
  | 'KUBECTL_KUBERC'
  | 'KUBECTL_OPENAPIV3_PATCH';

type Variables = Pick<HostMachine, 'env'>;

const says = ({ env }: Variables, gate: FeatureGate, word: string) => env[gate]?.toLowerCase() === word;

/** Whether what is off by default was turned on. */
export const isEnabled = (host: Variables, gate: FeatureGate): boolean => says(host, gate, 'true');

/** Whether what is on by default was turned off. */
export const isDisabled = (host: Variables, gate: FeatureGate): boolean => says(host, gate, 'false');

/** The flags that there are on a machine. */
export const withoutGated = (flags: Flag[], host: Variables): Flag[] =>
  flags.filter(({ gate }) => gate === undefined || isEnabled(host, gate));
