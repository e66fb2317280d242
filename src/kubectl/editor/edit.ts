import type { JsonObject } from '../../api/machinery/patch/json-value.ts';
import { equal } from '../../api/machinery/patch/json-value.ts';
import { createMergePatch } from '../../api/machinery/patch/merge-patch.ts';
import { createTwoWayStrategicPatch } from '../../api/machinery/patch/strategic-diff.ts';
import { goJson, type JsonValue } from '../../base/go-json.ts';
import type { KubeObject } from '../../types/objects.ts';
import { withChangeCause } from '../change-cause.ts';
import { groupResourceText } from '../client/mapper.ts';
import type { Invocation } from '../command.ts';
import { lastApplied, withLastApplied } from '../commands/apply/annotation.ts';
import { applyPatch } from '../commands/apply/last-applied.ts';
import { asError, CommandError, ExitError, isNotFound, StatusError, throwCollected } from '../errors.ts';
import { validationDirective } from '../flags/common.ts';
import { strategicSchema } from '../patch-schema.ts';
import { outputFormat, type Printable, printerFor } from '../printers/print-flags.ts';
import { documents, parseManifest, toObject, validateData } from '../resource/decode.ts';
import { collectionPath, type Info, infoPath } from '../resource/info.ts';
import { goUnstructured } from './go-unstructured.ts';
import { editText } from './launch.ts';

/** `edit` patches what is in the cluster, `create` makes what was edited, `apply` edits the last applied configuration. */
export type EditMode = 'edit' | 'create' | 'apply';

/** What may be edited, and printed. */
const FORMATS = ['json', 'yaml'];

/** What kubectl calls the edited file in messages. */
const SOURCE = 'edited-file';

const HEADERS: Record<'object' | 'annotation', string> = {
  object: `# Please edit the object below. Lines beginning with a '#' will be ignored,
# and an empty file will abort the edit. If an error occurs while saving this file will be
# reopened with the relevant failures.
#
`,
  annotation: `# Please edit the 'last-applied-configuration' annotations below.
# Lines beginning with a '#' will be ignored, and an empty file will abort the edit.
#
`,
};

/** Why the editor opens again. */
interface Reason {
  head: string;
  causes: string[];
}

const commented = (text: string): string => text.replaceAll('\n', '\n# ');

const reasonText = ({ head, causes }: Reason): string =>
  `# ${commented(head)}${causes.length > 0 ? ':' : ''}\n${causes.map((cause) => `# * ${commented(cause)}\n`).join('')}#\n`;

const stripComments = (text: string): string =>
  text
    .split('\n')
    .filter((line) => !/^\s*#/.test(line))
    .join('\n');

/** What a text says, whatever its comments, quotes and line endings: as JSON where it is YAML. */
async function contentOf(text: string): Promise<string> {
  const stripped = stripComments(text);
  try {
    return goJson(await parseManifest(stripped), { sortKeys: true });
  } catch {
    return stripped;
  }
}

const hasLines = (text: string): boolean =>
  text.split('\n').some((line) => line.trim() !== '' && !line.trim().startsWith('#'));

/** Runs the edit loop over what the command line names. */
export async function edit(invocation: Invocation, mode: EditMode): Promise<void> {
  const { flags, args, factory } = invocation;
  const fromFiles = mode !== 'edit' && args.length === 0;
  const output = outputFormat(invocation);
  if (mode !== 'create' && output && !FORMATS.includes(output.toLowerCase())) {
    throw new CommandError(
      `unable to match a printer suitable for the output format ${JSON.stringify(output)}, allowed formats are: ${FORMATS.join(',')}`,
    );
  }
  const { infos, errors } = await factory
    .builder({
      ...(mode !== 'create' && { args }),
      filenames: flags.strings('filename'),
      kustomize: flags.has('kustomize') ? flags.string('kustomize') : '',
      recursive: flags.bool('recursive'),
      subresource: flags.has('subresource') ? flags.string('subresource') : '',
      latest: mode !== 'create' || !fromFiles,
      continueOnError: true,
    })
    .infos();
  throwCollected(errors);
  if (mode === 'create') {
    for (const info of infos) await new EditSession(invocation, mode, [info]).run();
    return;
  }
  const edited = mode === 'apply' ? lastConfigurations(infos) : infos;
  if (edited.length === 0) {
    throw new CommandError(
      mode === 'apply'
        ? 'no last-applied-configuration annotation found on resources, to create the annotation, use command `kubectl apply set-last-applied --create-annotation`'
        : 'edit cancelled, no objects found',
    );
  }
  await new EditSession(invocation, mode, edited).run();
}

/** The configurations that objects were applied from. */
function lastConfigurations(infos: Info[]): Info[] {
  return infos.flatMap((info) => {
    const text = lastApplied(info.object!);
    return text === undefined ? [] : [{ ...info, object: JSON.parse(text) as KubeObject }];
  });
}

/** One file that is opened until it is saved right, or left as it was. */
class EditSession {
  private reasons: Reason[] = [];
  private preserved = '';

  constructor(
    private readonly invocation: Invocation,
    private readonly mode: EditMode,
    private readonly infos: Info[],
  ) {}

  async run(): Promise<void> {
    try {
      await this.loop();
    } catch (error) {
      if (this.preserved && !(error instanceof ExitError)) {
        this.say(`A copy of your changes has been stored to ${JSON.stringify(this.preserved)}\n`);
      }
      throw error;
    }
  }

  private async loop(): Promise<void> {
    const { host } = this.invocation.environment;
    const original = await this.originalText();
    const header = HEADERS[this.mode === 'apply' ? 'annotation' : 'object'];
    for (let edited: string | undefined; ; ) {
      const comments = this.extension === '.json' ? '' : header + this.reasons.map(reasonText).join('');
      const body = this.reasons.length > 0 && edited !== undefined ? stripComments(edited) : original;
      const saved = await editText(this.invocation, this.withLineEndings(comments + body), this.extension);
      const content = await contentOf(saved.text);
      const unchanged = async (before: string) => (await contentOf(before)) === content;
      if (this.reasons.length > 0 && edited !== undefined && (await unchanged(edited))) {
        this.preserved = saved.file;
        throw new CommandError('Edit cancelled, no valid changes were saved.');
      }
      if (this.preserved) host.remove(this.preserved);
      this.preserved = '';
      this.reasons = [];
      edited = saved.text;
      this.preserved = saved.file;
      if (await this.isValid(saved.text)) {
        if ((await unchanged(original)) || !hasLines(saved.text)) {
          host.remove(saved.file);
          this.say(`Edit cancelled, ${hasLines(saved.text) ? 'no changes made' : 'saved file was empty'}.\n`);
          return;
        }
        await this.take(saved.text, saved.file);
      }
      if (this.reasons.length === 0) {
        host.remove(saved.file);
        return;
      }
    }
  }

  private withLineEndings(text: string): string {
    const { flags } = this.invocation;
    const windows = flags.has('windows-line-endings') && flags.bool('windows-line-endings');
    return windows ? text.replaceAll('\n', '\r\n') : text;
  }

  private get extension(): string {
    return outputFormat(this.invocation) === 'json' ? '.json' : '.yaml';
  }

  private say(text: string): void {
    this.invocation.environment.io.err(text);
  }

  private async originalText(): Promise<string> {
    const { flags } = this.invocation;
    const shown = this.infos.map(({ object }) =>
      flags.bool('show-managed-fields') ? object! : withoutManagedFields(object!),
    );
    const whole = shown.length === 1 ? shown[0] : { apiVersion: 'v1', items: shown, kind: 'List', metadata: {} };
    if (this.extension === '.json') return `${goJson(whole, { indent: '    ', sortKeys: true })}\n`;
    const { emitYaml } = await import('../../base/yaml/emit.ts');
    return emitYaml(whole);
  }

  /** Whether what was saved is YAML, and says what it is; leaves a reason behind otherwise. */
  private async isValid(text: string): Promise<boolean> {
    if (this.invocation.flags.has('validate') && validationDirective(this.invocation) === 'Ignore') return true;
    for (const { type } of this.infos) await this.invocation.factory.openapi.consult(type);
    try {
      validateData(await parseManifest(stripComments(text)), SOURCE);
      return true;
    } catch (error) {
      const [{ type, name }] = this.infos as [Info];
      const subject = `${groupResourceText(type)} ${JSON.stringify(name)}`;
      const cause = `<nil>: Invalid value: "The edited file failed validation": ${asError(error).message}`;
      this.reasons = [{ head: `${subject} was not valid`, causes: [cause] }];
      this.say(`error: ${subject} is invalid\n`);
      return false;
    }
  }

  /** Does what was saved; leaves reasons behind when the editor must open again. */
  private async take(text: string, file: string): Promise<void> {
    let updates: KubeObject[];
    try {
      updates = await parseObjects(text);
      for (const update of updates) await this.requireKind(update);
    } catch (error) {
      this.reasons = [{ head: `The edited file had a syntax error: ${asError(error).message}`, causes: [] }];
      return;
    }
    const { flags } = this.invocation;
    const saveConfig = flags.has('save-config') && flags.bool('save-config');
    for (const update of updates) {
      const info = this.originalOf(update);
      const { managedFields } = info.object?.metadata ?? {};
      // What is kept of the edit says what the editor did not show.
      const whole = managedFields ? { ...update, metadata: { ...update.metadata, managedFields } } : update;
      const saved = saveConfig ? withLastApplied(this.mode === 'edit' ? whole : update) : update;
      const object = withChangeCause(this.invocation, saved);
      if (this.mode === 'create') await this.create(info, object);
      else if (this.mode === 'apply') await this.annotate(info, object);
      else await this.patch(info, object, file);
    }
  }

  /** The server has to know what an object says that it is. */
  private async requireKind({ apiVersion = '', kind, metadata }: KubeObject): Promise<void> {
    if (await this.invocation.factory.mapper.typeOfKind(apiVersion, kind)) return;
    throw new CommandError(
      `resource mapping not found for name: ${JSON.stringify(metadata?.name ?? '')} namespace: ${JSON.stringify(metadata?.namespace ?? '')} from ${JSON.stringify(SOURCE)}: no matches for kind ${JSON.stringify(kind)} in version ${JSON.stringify(apiVersion)}\nensure CRDs are installed first`,
    );
  }

  private originalOf(update: KubeObject): Info {
    const [first] = this.infos as [Info];
    if (this.mode === 'create') return first;
    const found = this.infos.find(({ object }) => object?.metadata.uid === update.metadata.uid);
    if (found) return found;
    const { namespace } = first;
    const placed = { ...update, metadata: { ...update.metadata, ...(namespace && { namespace }) } };
    throw new CommandError(`no original object found for ${goUnstructured(placed)}`);
  }

  private async print(operation: string, object: KubeObject): Promise<void> {
    const print = await printerFor(this.invocation, operation);
    this.invocation.environment.io.out(print(object as unknown as Printable));
  }

  private query() {
    const { flags } = this.invocation;
    return {
      fieldManager: flags.string('field-manager'),
      ...(flags.has('validate') && { fieldValidation: validationDirective(this.invocation) }),
    };
  }

  private async create(info: Info, object: KubeObject): Promise<void> {
    const client = await this.invocation.factory.client();
    const created = await client.request<KubeObject>('POST', collectionPath(info), {
      body: object,
      query: this.query(),
    });
    await this.print('created', created);
  }

  private async annotate(info: Info, object: KubeObject): Promise<void> {
    if (equal(info.object, object)) {
      await this.print('skipped', object);
      return;
    }
    const client = await this.invocation.factory.client();
    await client.request('PATCH', infoPath(info), {
      body: goJson(applyPatch(object).patch),
      contentType: 'application/merge-patch+json',
      query: this.query(),
    });
    await this.print('edited', object);
  }

  private async patch(info: Info, object: KubeObject, file: string): Promise<void> {
    const { flags, factory, environment } = this.invocation;
    const before = withoutManagedFields(info.object!) as unknown as JsonObject;
    const after = withoutManagedFields(object) as unknown as JsonObject;
    if (equal(before, after)) {
      await this.print('skipped', object);
      return;
    }
    if (before.apiVersion !== after.apiVersion || before.kind !== after.kind || info.name !== object.metadata?.name) {
      throw new CommandError('At least one of apiVersion, kind and name was changed');
    }
    const schema = strategicSchema(info.type);
    const body = goJson(schema ? createTwoWayStrategicPatch(before, after, schema) : createMergePatch(before, after));
    if (flags.has('output-patch') && flags.bool('output-patch')) environment.io.out(`Patch: ${body}\n`);
    const client = await factory.client();
    try {
      const patched = await client.request<KubeObject>('PATCH', infoPath(info), {
        body,
        contentType: schema ? 'application/strategic-merge-patch+json' : 'application/merge-patch+json',
        query: this.query(),
      });
      await this.print('edited', patched);
    } catch (error) {
      this.note(asError(error), info, file);
    }
  }

  /** An invalid object opens the editor again; anything else ends the edit. */
  private note(error: Error, info: Info, file: string): void {
    const name = `${groupResourceText(info.type)} ${JSON.stringify(info.name)}`;
    if (error instanceof StatusError && error.reason === 'Invalid') {
      const causes = (error.status.details?.causes ?? []).map((cause) => `${cause.field ?? ''}: ${cause.message}`);
      this.reasons.push({ head: `${name} was not valid`, causes });
      this.say(`error: ${name} is invalid\n`);
      return;
    }
    if (isNotFound(error)) {
      this.say(`error: ${name} could not be found on the server\n`);
      this.say(`The edits you made on deleted resources have been saved to ${JSON.stringify(file)}\n`);
    } else {
      this.say(`error: ${name} could not be patched: ${error.message}\n`);
      this.say(`You can run \`kubectl replace -f ${file}\` to try this update again.\n`);
    }
    throw new ExitError(1);
  }
}

function withoutManagedFields(object: KubeObject): KubeObject {
  const { managedFields: _fields, ...metadata } = object.metadata ?? {};
  return { ...object, metadata };
}

/** The objects of an edited file, those of lists one by one. */
async function parseObjects(text: string): Promise<KubeObject[]> {
  const objects: KubeObject[] = [];
  for await (const document of documents(text, SOURCE)) {
    const object = toObject(document, SOURCE) as KubeObject & { items?: JsonValue[] };
    if (object.kind === 'List' && object.items) objects.push(...object.items.map((item) => toObject(item, SOURCE)));
    else objects.push(object);
  }
  return objects;
}
