import { type JsonPatchOperation, jsonPatch } from '../../api/machinery/patch/json-patch.ts';
import type { JsonObject } from '../../api/machinery/patch/json-value.ts';
import { equal } from '../../api/machinery/patch/json-value.ts';
import { mergePatch } from '../../api/machinery/patch/merge-patch.ts';
import { strategicMergePatch } from '../../api/machinery/patch/strategic-merge.ts';
import { goJson } from '../../base/go-json.ts';
import { parseGoJson } from '../../base/go-json-parse.ts';
import type { KubeObject } from '../../types/objects.ts';
import { changeCausePatch, RECORD_FLAG } from '../change-cause.ts';
import type { Query, RequestOptions, RestClient } from '../client/rest.ts';
import type { Command, Invocation } from '../command.ts';
import { asError, CommandError, StatusError } from '../errors.ts';
import {
  DRY_RUN_FLAG,
  dryRunQuery,
  dryRunStrategy,
  fieldManagerFlag,
  filenameFlags,
  PRINT_FLAGS,
  subresourceFlag,
} from '../flags/common.ts';
import type { HostMachine } from '../io.ts';
import { strategicSchema } from '../patch-schema.ts';
import { type Printable, printerFor } from '../printers/print-flags.ts';
import { parseManifest } from '../resource/decode.ts';
import { type Info, infoPath } from '../resource/info.ts';

const CONTENT_TYPES: Record<string, string> = {
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
};

const command: Command = {
  name: 'patch',
  use: 'patch (-f FILENAME | TYPE NAME) [-p PATCH|--patch-file FILE]',
  short: 'Update fields of a resource',
  long: `Update fields of a resource with a strategic merge patch, a JSON merge patch, or a JSON patch.

JSON and YAML formats are accepted.

Note: custom resources know no strategic merge patch.`,
  examples: `
# Partially update a node with a strategic merge patch, as JSON
kubectl patch node k8s-node-1 -p '{"spec":{"unschedulable":true}}'

# Partially update a node with a strategic merge patch, as YAML
kubectl patch node k8s-node-1 -p $'spec:\\n unschedulable: true'

# Partially update the node that "node.json" names
kubectl patch -f node.json -p '{"spec":{"unschedulable":true}}'

# Update a container's image; spec.containers[*].name is required because it is a merge key
kubectl patch pod valid-pod -p '{"spec":{"containers":[{"name":"kubernetes-serve-hostname","image":"new image"}]}}'

# Update a container's image with a JSON patch with positional arrays
kubectl patch pod valid-pod --type='json' -p='[{"op": "replace", "path": "/spec/containers/0/image", "value":"new image"}]'

# Update a deployment's replicas through the 'scale' subresource with a merge patch
kubectl patch deployment nginx-deployment --subresource='scale' --type='merge' -p '{"spec":{"replicas":2}}'`,
  flags: [
    ...filenameFlags('File, folder or URL that names the resource to update'),
    ...PRINT_FLAGS,
    RECORD_FLAG,
    DRY_RUN_FLAG,
    fieldManagerFlag('kubectl-patch'),
    { name: 'local', type: 'bool', usage: "Patch the file's content, not the server's resource." },
    { name: 'patch', shorthand: 'p', type: 'string', usage: 'The patch for the JSON of the resource.' },
    { name: 'patch-file', type: 'string', usage: 'A file with a patch for the resource.' },
    subresourceFlag('Patch this subresource of the object.'),
    {
      name: 'type',
      type: 'string',
      default: 'strategic',
      usage: 'The kind of patch that is given; one of [json merge strategic]',
    },
  ],
  run: patch,
};

export default command;

/** The patch as JSON text, from either flag; what begins like JSON goes to the server as it is. */
async function patchText({ flags, environment }: Invocation): Promise<string> {
  const text = flags.string('patch-file')
    ? readPatch(environment.host, flags.string('patch-file'))
    : flags.string('patch');
  if (/^\s*\{/.test(text)) return text;
  try {
    return goJson(await parseManifest(text));
  } catch (error) {
    const reason = (error as Error).message.replace(/^error converting YAML to JSON: /, '');
    // What a file says is not shown.
    throw new CommandError(`unable to parse ${JSON.stringify(flags.string('patch'))}: ${reason}`);
  }
}

function readPatch(host: HostMachine, path: string): string {
  try {
    return host.readFile(path);
  } catch (error) {
    throw new CommandError(`unable to read patch file: ${(error as Error).message}`);
  }
}

async function patch(invocation: Invocation): Promise<void> {
  const { flags, args, factory, environment } = invocation;
  const dryRun = dryRunStrategy(invocation);
  const local = flags.bool('local');
  await factory.namespace();
  if (flags.string('patch') && flags.string('patch-file')) {
    throw new CommandError('cannot specify --patch and --patch-file together');
  }
  if (!flags.string('patch') && !flags.string('patch-file')) {
    throw new CommandError('must specify --patch or --patch-file containing the contents of the patch');
  }
  if (local && args.length > 0) throw new CommandError('cannot specify --local and server resources');
  if (local && dryRun === 'server')
    throw new CommandError('cannot specify --local and --dry-run=server - did you mean --dry-run=client?');
  const type = flags.string('type').toLowerCase() || 'strategic';
  const contentType = CONTENT_TYPES[type];
  if (!contentType) {
    throw new CommandError(`--type must be one of [json merge strategic], not ${JSON.stringify(flags.string('type'))}`);
  }
  const body = await patchText(invocation);
  let count = 0;
  await factory
    .builder({
      args,
      filenames: flags.strings('filename'),
      kustomize: flags.string('kustomize'),
      recursive: flags.bool('recursive'),
      subresource: flags.string('subresource'),
      continueOnError: true,
      local,
    })
    .visit(async (info) => {
      count++;
      const before = info.object!;
      const query = { fieldManager: flags.string('field-manager'), ...dryRunQuery(dryRun) };
      const sends = !local && dryRun !== 'client';
      const after = sends
        ? await send(await factory.client(), info, { body, contentType, query })
        : patchLocally(info, before, body, type);
      // A scale as it was patched never equals the one that was read before.
      const unchanged = (info.subresource !== 'scale' || !sends) && equal(before, after);
      const operation = unchanged ? 'patched (no change)' : 'patched';
      // The real one sets the words for a dry run before it sets the operation, and so loses them.
      const print = await printerFor(invocation, operation);
      const recorded = sends ? await record(invocation, info, after, query) : after;
      environment.io.out(print(recorded as unknown as Printable));
    });
  if (count === 0) throw new CommandError('no objects passed to patch');
}

/** Tells a patched object what patched it; that this fails does not matter. */
async function record(invocation: Invocation, info: Info, object: KubeObject, query: Query): Promise<KubeObject> {
  const body = changeCausePatch(invocation, object);
  if (!body) return object;
  const client = await invocation.factory.client();
  const options = { body, contentType: 'application/merge-patch+json', query };
  return client.request<KubeObject>('PATCH', infoPath(info), options).catch(() => object);
}

async function send(client: RestClient, info: Info, options: RequestOptions): Promise<KubeObject> {
  try {
    return await client.request<KubeObject>('PATCH', infoPath(info), options);
  } catch (error) {
    if (!(error instanceof StatusError) || error.reason !== 'UnsupportedMediaType') throw error;
    const { group, version, kind } = info.type;
    throw new CommandError(
      `${options.contentType} is not supported by ${group}/${version}, Kind=${kind}: ${error.message}`,
    );
  }
}

function parseJson(text: string): unknown {
  try {
    return parseGoJson(text);
  } catch {
    throw new CommandError('invalid JSON document');
  }
}

/** What the server would make of the patch, for --local and a client's dry run. */
function patchLocally({ type: resource }: Info, object: KubeObject, body: string, type: string): KubeObject {
  const document = object as unknown as JsonObject;
  const parsed = parseJson(body);
  try {
    if (type === 'json') return jsonPatch(document, parsed as JsonPatchOperation[]) as KubeObject;
    if (type === 'merge') return mergePatch(document, parsed) as KubeObject;
    const schema = strategicSchema(resource);
    if (schema) return strategicMergePatch(document, parsed as JsonObject, schema) as unknown as KubeObject;
  } catch (error) {
    const { message } = asError(error);
    const missing = /doc is missing key: (.*)$/s.exec(message);
    throw new CommandError(missing ? `Object to be patched is missing field (${missing[1]})` : message);
  }
  const { group, version, kind } = resource;
  throw new CommandError(
    `strategic merge patch is not supported for ${group}/${version}, Kind=${kind} locally, try --type merge`,
  );
}
