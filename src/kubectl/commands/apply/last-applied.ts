import { createMergePatch } from '../../../api/machinery/patch/merge-patch.ts';
import { goJson } from '../../../base/go-json.ts';
import type { KubeObject } from '../../../types/objects.ts';
import { RECORD_FLAG } from '../../change-cause.ts';
import type { RestClient } from '../../client/rest.ts';
import type { Command, Invocation } from '../../command.ts';
import { asError, CommandError, isNotFound } from '../../errors.ts';
import {
  DRY_RUN_FLAG,
  dryRunQuery,
  dryRunStrategy,
  fieldManagerFlag,
  filenameFlag,
  filenameFlags,
  PRINT_FLAGS,
  SELECTOR_FLAG,
  usageError,
  VALIDATE_FLAG,
} from '../../flags/common.ts';
import { type Printable, printerFor } from '../../printers/print-flags.ts';
import { type Info, infoPath } from '../../resource/info.ts';
import { encode, LAST_APPLIED, lastApplied } from './annotation.ts';
import { notRetrieved } from './patcher.ts';

export const viewLastApplied: Command = {
  name: 'view-last-applied',
  use: 'view-last-applied (TYPE [NAME | -l label] | TYPE/NAME | -f FILENAME)',
  short: 'View the latest last-applied-configuration annotations of a resource/object',
  long: `View the latest last-applied-configuration annotations by type/name or file.

They are printed as YAML unless -o asks for JSON.`,
  examples: `
# View the last-applied-configuration annotations by type/name as YAML
kubectl apply view-last-applied deployment/nginx

# View the last-applied-configuration annotations by file as JSON
kubectl apply view-last-applied -f deploy.yaml -o json`,
  flags: [
    ...filenameFlags('Files that hold the configurations whose last applied ones are shown'),
    {
      name: 'output',
      shorthand: 'o',
      type: 'string',
      default: 'yaml',
      usage: 'Output format. Must be one of (yaml, json)',
    },
    { name: 'all', type: 'bool', usage: 'All resources of the types, in the namespace' },
    SELECTOR_FLAG,
  ],
  run: view,
};

async function view(invocation: Invocation): Promise<void> {
  const { flags, args, factory, environment } = invocation;
  const texts: string[] = [];
  await factory
    .builder({
      args,
      filenames: flags.strings('filename'),
      kustomize: flags.string('kustomize'),
      recursive: flags.bool('recursive'),
      labelSelector: flags.string('selector'),
      all: flags.bool('all'),
      latest: true,
    })
    .visit(async ({ object, name, source }) => {
      const text = lastApplied(object!);
      if (text !== undefined) texts.push(text);
      else if (source !== undefined) {
        // The error that the real one would tell of here is none.
        throw new CommandError(
          `error when no last-applied-configuration annotation found on resource: ${name}\n ${JSON.stringify(source)}: <nil>`,
        );
      }
    });
  const output = flags.string('output');
  const { emitYaml } = await import('../../../base/yaml/emit.ts');
  for (const text of texts) {
    if (output !== 'json' && output !== 'yaml') {
      throw usageError(invocation, `Unexpected -o output mode: ${output}, the flag 'output' must be one of yaml|json`);
    }
    const value: unknown = JSON.parse(text);
    environment.io.out(output === 'json' ? `${goJson(value, { indent: '  ' })}\n` : emitYaml(value));
  }
}

export const setLastApplied: Command = {
  name: 'set-last-applied',
  use: 'set-last-applied -f FILENAME',
  short: 'Set the last-applied-configuration annotation on a live object to match the contents of a file',
  long: `Set the last-applied-configuration annotation to the contents of a file. It is then as if 'kubectl apply -f <file> ' had been run, without changing any other part of the object.`,
  examples: `
# Set the last-applied-configuration of a resource to the contents of a file
kubectl apply set-last-applied -f deploy.yaml

# Run it for each configuration file of a folder
kubectl apply set-last-applied -f path/

# Create the annotation if there is none yet
kubectl apply set-last-applied -f deploy.yaml --create-annotation=true`,
  flags: [
    filenameFlag('Files that hold the last-applied-configuration annotations'),
    ...PRINT_FLAGS,
    DRY_RUN_FLAG,
    {
      name: 'create-annotation',
      type: 'bool',
      usage: "Create 'last-applied-configuration' annotations where there are none yet",
    },
  ],
  run: set,
};

/** The merge patch that makes an object's own JSON its last applied configuration (editor.GetApplyPatch). */
export function applyPatch(object: KubeObject): { text: string; patch: Record<string, unknown> } {
  const text = encode(object);
  const annotations = { ...object.metadata.annotations, [LAST_APPLIED]: text };
  const after = { ...object, metadata: { ...object.metadata, annotations } };
  const plain = (value: KubeObject) => value as unknown as Record<string, unknown>;
  return { text, patch: createMergePatch(plain(object), plain(after)) };
}

async function current(client: RestClient, info: Info): Promise<KubeObject> {
  try {
    return await client.request<KubeObject>('GET', infoPath(info));
  } catch (error) {
    throw isNotFound(error) ? error : notRetrieved(info, asError(error));
  }
}

async function set(invocation: Invocation): Promise<void> {
  const { flags, factory, environment } = invocation;
  const client = await factory.client();
  const dryRun = dryRunStrategy(invocation);
  const print = await printerFor(invocation, 'configured', { dryRun });
  const changes: { info: Info; live: KubeObject; patch: unknown }[] = [];
  await factory.builder({ filenames: flags.strings('filename') }).visit(async (info) => {
    const { text, patch } = applyPatch(info.object!);
    const live = await current(client, info);
    const before = lastApplied(live);
    if (before === undefined && !flags.bool('create-annotation')) {
      throw new CommandError(
        `no last-applied-configuration annotation found on resource: ${info.name}, to create the annotation, run the command with --create-annotation`,
      );
    }
    if (before === text) environment.io.out(`set-last-applied ${info.name}: no changes required.\n`);
    else changes.push({ info, live, patch });
  });
  for (const { info, live, patch } of changes) {
    const object =
      dryRun === 'client'
        ? live
        : await client.request<KubeObject>('PATCH', infoPath(info), {
            body: goJson(patch),
            contentType: 'application/merge-patch+json',
            query: dryRunQuery(dryRun),
          });
    environment.io.out(print(object as unknown as Printable));
  }
}

export const editLastApplied: Command = {
  name: 'edit-last-applied',
  use: 'edit-last-applied (RESOURCE/NAME | -f FILENAME)',
  short: 'Edit latest last-applied-configuration annotations of a resource/object',
  long: `Edit the latest last-applied-configuration annotations of resources in the editor that KUBE_EDITOR or EDITOR names, or 'vi'.

Files are edited as YAML unless -o json is given. When an update fails, a temporary file with the unapplied changes is kept.`,
  examples: `
# Edit the last-applied-configuration annotations by type/name in YAML
kubectl apply edit-last-applied deployment/nginx

# Edit the last-applied-configuration annotations by file in JSON
kubectl apply edit-last-applied -f deploy.yaml -o json`,
  flags: [
    ...filenameFlags('Files that name the resources to edit'),
    ...PRINT_FLAGS,
    RECORD_FLAG,
    fieldManagerFlag('kubectl-client-side-apply'),
    VALIDATE_FLAG,
    {
      name: 'windows-line-endings',
      type: 'bool',
      usage: "Line endings of the file to edit; the platform's own by default.",
    },
  ],
  run: async (invocation) => {
    const { edit } = await import('../../editor/edit.ts');
    return edit(invocation, 'apply');
  },
};
