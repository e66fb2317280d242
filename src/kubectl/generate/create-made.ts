import { withChangeCause } from '../change-cause.ts';
import type { Invocation } from '../command.ts';
import { withTypedLastApplied } from '../commands/apply/annotation.ts';
import { dryRunQuery, dryRunStrategy } from '../flags/common.ts';
import type { Printable } from '../printers/print-flags.ts';

/** Sends what was made, or gives it its namespace for a client's dry run. */
export async function createMade(invocation: Invocation, made: Printable, resource: string): Promise<Printable> {
  const object = withChangeCause(invocation, made);
  const { flags, factory } = invocation;
  const dryRun = dryRunStrategy(invocation);
  const { namespace, explicit } = await factory.namespace();
  if (dryRun === 'client') {
    const { name, ...metadata } = object.metadata as Record<string, unknown>;
    return explicit ? ({ ...object, metadata: { name, namespace, ...metadata } } as Printable) : object;
  }
  const client = await factory.client();
  const query = { ...dryRunQuery(dryRun), fieldManager: flags.string('field-manager') };
  const body = flags.bool('save-config') ? withTypedLastApplied(object) : object;
  return client.request<Printable>('POST', `/api/v1/namespaces/${namespace}/${resource}`, { query, body });
}
