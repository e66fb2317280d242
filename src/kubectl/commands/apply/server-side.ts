import type { KubeObject } from '../../../types/objects.ts';
import type { Query, RestClient } from '../../client/rest.ts';
import type { Invocation } from '../../command.ts';
import { asError, CommandError, isConflict } from '../../errors.ts';
import { dryRunQuery, dryRunStrategy, validationDirective } from '../../flags/common.ts';
import { type Info, infoPath } from '../../resource/info.ts';
import { encode } from './annotation.ts';
import { type Applied, keepLastApplied, migrate } from './migrate.ts';

const APPLY_PATCH = 'application/apply-patch+yaml';

const CONFLICT_ADVICE = `Please review the fields above--they currently have other managers. Here
are the ways you can resolve this warning:
* If you intend to manage all of these fields, please re-run the apply
  command with the \`--force-conflicts\` flag.
* If you do not intend to manage all of the fields, please edit your
  manifest to remove references to the fields that should keep their
  current managers.
* You may co-own fields by updating your manifest to match the existing
  value; in this case, you'll become the manager if the other manager(s)
  stop managing the field (remove it from their configuration).
See https://kubernetes.io/docs/reference/using-api/server-side-apply/#conflicts`;

/** Sends the whole object for the server to merge. */
export async function applyServerSide(invocation: Invocation, info: Info): Promise<KubeObject> {
  const { flags, factory } = invocation;
  const client = await factory.client();
  const query: Query = {
    fieldManager: flags.changed('field-manager') ? flags.string('field-manager') : 'kubectl',
    fieldValidation: validationDirective(invocation),
    force: flags.bool('force-conflicts'),
    ...dryRunQuery(dryRunStrategy(invocation)),
  };
  const options = { body: encode(info.object), contentType: APPLY_PATCH, query };
  const path = infoPath(info, flags.string('subresource'));
  const send = () => client.request<KubeObject>('PATCH', path, options);
  let applied: KubeObject;
  try {
    applied = await send();
  } catch (thrown) {
    const error = asError(thrown);
    if (isConflict(error)) throw new CommandError(`${error.message}\n${CONFLICT_ADVICE}`);
    throw error;
  }
  return takeOver(invocation, client, { info, path }, applied, send);
}

/** Migrates what was applied client-side so far; what goes wrong is a warning, since the object itself was applied. */
async function takeOver(
  invocation: Invocation,
  client: RestClient,
  place: Applied,
  applied: KubeObject,
  send: () => Promise<KubeObject>,
): Promise<KubeObject> {
  const { flags, environment } = invocation;
  const query = { fieldValidation: validationDirective(invocation), ...dryRunQuery(dryRunStrategy(invocation)) };
  const manager = flags.changed('field-manager') ? flags.string('field-manager') : 'kubectl';
  let step = 'failed to migrate kubectl.kubernetes.io/last-applied-configuration for Server-Side Apply';
  try {
    const kept = manager === 'kubectl' ? await keepLastApplied(client, place, applied, query) : applied;
    step = 'server rejected managed fields migration to Server-Side Apply';
    if (!(await migrate(client, place, kept, manager, query))) return kept;
    step = 'failed to re-apply configuration after performing Server-Side Apply migration';
    return await send();
  } catch (error) {
    environment.io.err(
      `Warning: ${step}. This is non-fatal and will be retried next time you apply. Error: ${asError(error).message}\n`,
    );
    return applied;
  }
}
