import { RECORD_FLAG } from '../change-cause.ts';
import type { Command } from '../command.ts';
import {
  fieldManagerFlag,
  filenameFlags,
  PRINT_FLAGS,
  SAVE_CONFIG_FLAG,
  subresourceFlag,
  VALIDATE_FLAG,
} from '../flags/common.ts';

const command: Command = {
  name: 'edit',
  use: 'edit (RESOURCE/NAME | -f FILENAME)',
  short: 'Edit a resource on the server',
  long: `Edit a resource from the default editor.

The edit command opens any API resource in the editor that the environment variables KUBE_EDITOR or EDITOR name, or in 'vi' ('notepad' on Windows). Several objects can be edited at once; changes are applied one by one. File names are accepted as well as arguments, but the files must be of objects that exist already.

Objects are edited as YAML unless "-o json" is given, in the API version that they are fetched with; a fully-qualified resource, version and group asks for another.

When an update fails, a temporary file with the unapplied changes is kept. The most common reason is that somebody else changed the resource meanwhile: apply the changes to the newer version, or bring the saved copy up to date.`,
  examples: `
# Edit the service named 'registry'
kubectl edit svc/registry

# Use another editor
KUBE_EDITOR="nano" kubectl edit svc/registry

# Edit the job 'myjob' as JSON in the API version v1
kubectl edit job.v1.batch/myjob -o json

# Edit the deployment 'mydeployment' as YAML and save the changed configuration in its annotation
kubectl edit deployment/mydeployment -o yaml --save-config

# Edit the 'status' subresource of the deployment 'mydeployment'
kubectl edit deployment mydeployment --subresource='status'`,
  flags: [
    ...filenameFlags('File, folder or URL of the resources to edit'),
    ...PRINT_FLAGS,
    RECORD_FLAG,
    VALIDATE_FLAG,
    SAVE_CONFIG_FLAG,
    fieldManagerFlag('kubectl-edit'),
    { name: 'output-patch', type: 'bool', usage: 'Print the patch when the resource was edited.' },
    subresourceFlag('Edit this subresource of the object.'),
    { name: 'windows-line-endings', type: 'bool', usage: "The platform's own line endings by default." },
  ],
  run: async (invocation) => {
    const { edit } = await import('../editor/edit.ts');
    await edit(invocation, 'edit');
  },
};

export default command;
