import { parseJsonPath } from '../../base/jsonpath/parse.ts';
import { groupResourceText, parseGroupVersion, type RESTMapper } from '../client/mapper.ts';
import type { Command, Invocation } from '../command.ts';
import { asError, CommandError } from '../errors.ts';
import { type Document, type GroupVersionKind, kindOf, schemaOf } from '../explain/document.ts';

const command: Command = {
  name: 'explain',
  use: 'explain TYPE [--recursive=FALSE|TRUE] [--api-version=api-version-group] [-o|--output=plaintext|plaintext-openapiv2]',
  short: 'Get documentation for a resource',
  long: `Tell which fields a resource has and what each of them means.

A field is named by its path from the resource on:

  <type>.<fieldName>[.<fieldName>]

The texts are those of the API server's OpenAPI documents.

Use "kubectl api-resources" for a complete list of supported resources.`,
  examples: `  # The fields of pods
  kubectl explain pods

  # The fields of pods and everything below them
  kubectl explain pods --recursive

  # Deployments as a certain version of the API has them
  kubectl explain deployments --api-version=apps/v1

  # One field
  kubectl explain pods.spec.containers

  # The older layout
  kubectl explain deployment --output=plaintext-openapiv2`,
  flags: [
    { name: 'api-version', type: 'string', usage: 'Take this group and version of the resource.' },
    {
      name: 'output',
      type: 'string',
      default: 'plaintext',
      usage: 'Layout of the answer: plaintext or plaintext-openapiv2.',
    },
    { name: 'recursive', type: 'bool', default: 'false', usage: 'Show the fields of fields, too.' },
  ],
  run,
};

export default command;

interface Target {
  group: string;
  version: string;
  resource: string;
  path: string[];
}

async function run(invocation: Invocation): Promise<void> {
  const { args, flags, factory, environment } = invocation;
  if (args.length === 0) {
    throw new CommandError(
      'You must specify the type of resource to explain. Use "kubectl api-resources" for a complete list of supported resources.\n',
    );
  }
  if (args.length > 1) throw new CommandError('We accept only this format: explain RESOURCE\n');
  const apiVersion = flags.string('api-version');
  const output = flags.string('output');
  const target = await targetOf(factory.mapper, args[0]!, apiVersion === '');
  if (apiVersion.split('/').length > 2) throw new CommandError(`unexpected GroupVersion string: ${apiVersion}`);
  if (apiVersion) Object.assign(target, parseGroupVersion(apiVersion));
  const document = await fetchDocument(invocation, target);
  if (output !== 'plaintext' && output !== 'plaintext-openapiv2')
    throw new CommandError(`unrecognized format: ${output}`);
  const kind = kindOf(document, target.group, target.version, target.resource);
  if (!kind) throw new CommandError(`GVR (${gvrText(target)}) not found in OpenAPI schema`);
  const text = output === 'plaintext' ? plaintext : plaintextV2;
  for await (const part of text(document, kind, target.path, flags.bool('recursive'))) environment.io.out(part);
}

const gvrText = ({ group, version, resource }: Target) => `${group}/${version}, Resource=${resource}`;

/** The names of an expression: `pods.spec.nodeName` → pods, spec, nodeName. */
function fieldNames(expression: string, problem: string): string[] {
  try {
    const [first, ...rest] = parseJsonPath(`{.${expression.replace(/\.$/, '')}}`);
    if (first?.kind !== 'list' || rest.length > 0) throw new Error('must pass in 1 jsonpath string');
    return first.nodes.map((node) => {
      if (node.kind !== 'field') throw new Error(`invalid jsonpath syntax, ${problem}`);
      return node.name;
    });
  } catch (error) {
    throw new CommandError(asError(error).message);
  }
}

/** The resource and the path below it. A group may follow the resource, unless --api-version already says it. */
async function targetOf(mapper: RESTMapper, argument: string, mayNameGroup: boolean): Promise<Target> {
  const problem = mayNameGroup ? 'first node must be field node' : 'all nodes must be field nodes';
  const [name = '', ...path] = fieldNames(argument, problem);
  if (argument === '') throw new CommandError('a resource must be present, got: /, Resource=');
  const wanted = name.toLowerCase();
  const types = (await mapper.all()).filter(({ resource, singular }) => resource === wanted || singular === wanted);
  const named = mayNameGroup ? types.find((type) => argument.startsWith(groupResourceText(type))) : undefined;
  if (named) {
    const rest = argument.slice(groupResourceText(named).length).replace(/^\./, '');
    return { ...named, path: rest === '' ? [] : fieldNames(rest, problem) };
  }
  return { ...(await mapper.knownType(name)), path };
}

async function fetchDocument({ factory }: Invocation, target: Target): Promise<Document> {
  const document = await factory.openapi.document<Document>(target);
  if (!document) throw new CommandError(`couldn't find resource for "${gvrText(target)}"`);
  return document;
}

const noField = (name: string) => new CommandError(`field ${JSON.stringify(name)} does not exist`);

async function* plaintext(document: Document, kind: GroupVersionKind, path: string[], recursive: boolean) {
  const { Plaintext } = await import('../explain/plaintext.ts');
  const group = kind.group ? `GROUP:      ${kind.group}\n` : '';
  yield `${group}KIND:       ${kind.kind}\nVERSION:    ${kind.version}\n\n`;
  const schema = schemaOf(document, kind);
  const text = schema && new Plaintext(document, recursive).output(schema, path);
  if (!text) throw noField(path.at(-1) ?? '');
  yield `${text}\n`;
}

async function* plaintextV2(document: Document, kind: GroupVersionKind, path: string[], recursive: boolean) {
  const { PlaintextV2 } = await import('../explain/plaintext-openapiv2.ts');
  const schema = schemaOf(document, kind);
  if (!schema) throw new CommandError(`couldn't find resource for "${kind.group}/${kind.version}, Kind=${kind.kind}"`);
  const printed = new PlaintextV2(document, recursive, kind).print(schema, path);
  if ('missing' in printed) throw noField(printed.missing);
  yield printed.text;
}
