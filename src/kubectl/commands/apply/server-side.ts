import type { KubeObject } from '../../../types/objects.ts';
import type { Query } from '../../client/rest.ts';
import type { Invocation } from '../../command.ts';
import { asError, CommandError, isConflict } from '../../errors.ts';
import { dryRunQuery, dryRunStrategy, validationDirective } from '../../flags/common.ts';
import { type Info, infoPath } from '../../resource/info.ts';
import { encode } from './annotation.ts';

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
  try {
    return await client.request<KubeObject>('PATCH', infoPath(info, flags.string('subresource')), options);
  } catch (thrown) {
    const error = asError(thrown);
    if (isConflict(error)) throw new CommandError(`${error.message}\n${CONFLICT_ADVICE}`);
    throw error;
  }
}
