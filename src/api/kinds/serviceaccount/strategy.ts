import type { ServiceAccount } from '../../../types/objects.ts';
import type { KindRules } from '../shared/strategy.ts';

const MOUNTABLE = 'kubernetes.io/enforce-mountable-secrets';

/** Of the secrets that an account names, only the names are kept. */
function cleanSecrets(account: ServiceAccount): void {
  account.secrets = account.secrets?.map(({ name }) => ({ name }));
}

export const strategy: KindRules<ServiceAccount> = {
  resource: 'serviceaccounts',
  updateChecks: ['metadata', 'object', 'changes'],
  prepareForCreate: cleanSecrets,
  prepareForUpdate: cleanSecrets,
  warnings: ({ metadata }, old) =>
    metadata.annotations?.[MOUNTABLE] === undefined || old?.metadata.annotations?.[MOUNTABLE] !== undefined
      ? []
      : [
          `metadata.annotations[${MOUNTABLE}]: deprecated in v1.32+; prefer separate namespaces to isolate access to mounted secrets`,
        ],
};
