import type { JsonValue } from '../../base/go-json.ts';
import type { KubeObject } from '../../types/objects.ts';
import type { Factory } from '../client/factory.ts';
import { parseGroupVersion, type ResourceType, resourcePath } from '../client/mapper.ts';
import type { Query } from '../client/rest.ts';
import { AggregateFailure, asError, CommandError, isNotFound, StatusError, throwCollected } from '../errors.ts';
import { TransportError } from '../transport.ts';
import { type ManifestFile, manifestFiles } from './files.ts';
import { type Info, infoPath } from './info.ts';

/** What a verb tells the builder; every verb's flags and arguments end in these (resource.Builder). */
export interface BuilderOptions {
  /** `TYPE NAME…`, `TYPE/NAME…`, `TYPE,TYPE` as the command line has them. */
  args?: string[];
  /** A type without names then means all of it (ResourceTypeOrNameArgs(true, …)). */
  allowEmptySelector?: boolean;
  filenames?: string[];
  kustomize?: string;
  recursive?: boolean;
  labelSelector?: string;
  fieldSelector?: string;
  /** --all */
  all?: boolean;
  allNamespaces?: boolean;
  /** Where requests go when neither the object nor -n says; the context's by default, '' for a verb that has no namespace. */
  namespace?: string;
  /** Whether an object of a file in another namespace is refused; -n does that by default. */
  enforceNamespace?: boolean;
  subresource?: string;
  chunkSize?: number;
  /** Goes on after a failure and reports all of them. */
  continueOnError?: boolean;
  /** Reads from the server what the command line names; `false` leaves `object` of a file as it is. */
  latest?: boolean;
  /** Reads nothing from the server, not even for names. */
  local?: boolean;
  /** Refuses types of which there are several. */
  singleType?: boolean;
  /** Lists become their items. */
  flatten?: boolean;
  /** How objects of files are validated: they must say what they are (--validate). */
  validate?: 'Strict' | 'Warn' | 'Ignore';
  /** For lists and reads: a Table instead of objects. */
  accept?: string;
  /** More query parameters of reads. */
  query?: Query;
  /** Errors that are passed over: --ignore-not-found. */
  ignoreNotFound?: boolean;
}

const MISSING = `You must provide one or more resources by argument or filename.
Example resource specifications include:
   '-f rsrc.yaml'
   '--filename=rsrc.json'
   '<resource> <name>'
   '<resource>'`;

const splitTypes = (argument: string): string[] => [...new Set(argument.split(','))];

/** Joins what a space after a comma tore apart: `pods, services`. */
function joinLists(args: string[]): string[] {
  const joined: string[] = [];
  for (const arg of args) {
    const last = joined.at(-1);
    if (joined.length === 1 && last !== undefined && (last.endsWith(',') || arg.startsWith(',')))
      joined[0] = last + arg;
    else joined.push(arg);
  }
  return joined;
}

/** An object that was found, and that the server did not give, or that -n contradicts. */
class NotRetrieved {
  constructor(readonly error: Error) {}
}

/** Comes first where the command line alone is in order, before files are read. */
const BEGUN = Symbol('begun');

type Item = Info | Error | NotRetrieved | typeof BEGUN;

/** TYPE/NAME */
interface Tuple {
  type: string;
  name: string;
}

/** Resolves what a command line names into Infos, reading objects where the verb wants them. */
export class ResourceBuilder {
  /** Whether exactly one object was named, so that it is printed alone and not as a list. */
  singleItemImplied = false;
  private begun: AsyncGenerator<Item> | undefined;

  constructor(
    private readonly factory: Factory,
    private readonly options: BuilderOptions,
  ) {}

  /** Throws what the command line alone makes wrong: paths that do not exist, types that the server does not have. */
  async check(): Promise<void> {
    const items = this.items();
    const first = await items.next();
    this.begun = (async function* () {
      if (first.done) return;
      yield first.value;
      yield* items;
    })();
  }

  /** Every Info; with `continueOnError` what went wrong comes second, else it is thrown. `retrieving`: those errors that came of retrieving what was named. */
  async infos(): Promise<{ infos: Info[]; errors: Error[]; retrieving: Error[] }> {
    const infos: Info[] = [];
    const { found, done } = await this.collect(async (info) => {
      infos.push(info);
    });
    const nested = done.length > 0 && found.length > 1;
    return { infos, errors: [...done, ...(nested ? [new AggregateFailure(found)] : found)], retrieving: done };
  }

  /**
   * Calls `each` for every Info in turn; failures are collected and thrown at the end with `continueOnError`: those of `each` and
   * of retrieving what it needs one by one, those of finding the Infos together behind them.
   */
  async visit(each: (info: Info) => Promise<void>): Promise<void> {
    const { found, done } = await this.collect(each);
    const errors = found.length > 0 ? [...done, new AggregateFailure(found)] : done;
    const kept = errors.flatMap((error) => this.withoutIgnored(error));
    if (errors.length === 1 && kept.length === 1) throw kept[0];
    if (kept.length > 0) throw new AggregateFailure(kept);
  }

  /** Failures of finding Infos, and of retrieving them or of what `each` did with them. */
  private async collect(each: (info: Info) => Promise<void>): Promise<{ found: Error[]; done: Error[] }> {
    const [found, done]: [Error[], Error[]] = [[], []];
    for await (const item of this.begun ?? this.items()) {
      if (item === BEGUN) continue;
      if (item instanceof NotRetrieved) {
        if (this.withoutIgnored(item.error).length > 0) done.push(this.note(item.error));
      } else if (!(item instanceof Error))
        await each(item).catch((error: unknown) => done.push(this.note(asError(error))));
      else if (this.withoutIgnored(item).length > 0) found.push(this.note(item));
    }
    return { found, done };
  }

  private note(error: Error): Error {
    if (!this.options.continueOnError) throw error;
    return error;
  }

  /** The error, unless it is one of those that are passed over. */
  private withoutIgnored(error: Error): Error[] {
    return this.options.ignoreNotFound && isNotFound(error) ? [] : [error];
  }

  /** Infos and the failures between them, in order. Throws when the command line makes no sense at all. */
  private async *items(): AsyncGenerator<Item> {
    const args = joinLists(this.options.args ?? []);
    const { files, tuples } = await this.fromWords(args);
    if (files) {
      if (tuples) throw new CommandError('resource/name arguments cannot be provided when a path is specified');
      if (args.length > 0) {
        throw new CommandError(
          'when paths, URLs, or stdin is provided as input, you may not specify resource arguments as well',
        );
      }
      await this.checkSelector();
      yield BEGUN;
      yield* this.fromFiles(files);
    } else if (tuples) {
      yield* this.fromTuples(tuples);
    } else {
      yield* this.fromTypes(args);
    }
  }

  /** What flags and arguments say by themselves; throws all that is wrong with them together. */
  private async fromWords(args: string[]): Promise<{ files?: ManifestFile[]; tuples?: Tuple[] }> {
    const errors: Error[] = [];
    const note = (error: unknown): undefined => {
      errors.push(...(error instanceof AggregateFailure ? error.errors : [asError(error)]));
    };
    const files = await this.files().catch(note);
    const tuples = await this.tuples(args).catch(note);
    throwCollected(errors);
    return { ...(files && { files }), ...(tuples && { tuples }) };
  }

  private async files(): Promise<ManifestFile[] | undefined> {
    const { filenames = [], kustomize = '', recursive = false } = this.options;
    if (kustomize) {
      const wrong: Error[] = [];
      if (filenames.length > 0) wrong.push(new CommandError('only one of -f or -k can be specified'));
      if (recursive) wrong.push(new CommandError("the -k flag can't be used with -f or -R"));
      throwCollected(wrong);
      return [{ source: kustomize, text: () => this.kustomization(kustomize) }];
    }
    if (filenames.length === 0) return undefined;
    const files = manifestFiles(this.factory.environment, filenames, recursive);
    this.singleItemImplied = files.length === 1;
    return files;
  }

  private async kustomization(folder: string): Promise<string> {
    const { buildKustomization } = await import('../kustomize/index.ts');
    const { host, io } = this.factory.environment;
    return buildKustomization(host, folder, { warn: (text) => io.err(`${text}\n`) });
  }

  /** Arguments that are TYPE/NAME; throws when only some are. */
  private async tuples(args: string[]): Promise<Tuple[] | undefined> {
    const slashes = args.filter((arg) => arg.includes('/')).length;
    if (slashes > 0 && slashes < args.length) {
      throw new CommandError(
        "there is no need to specify a resource type as a separate argument when passing arguments in resource/name form (e.g. 'kubectl get resource/<resource_name>' instead of 'kubectl get resource resource/<resource_name>'",
      );
    }
    if (slashes === 0) return undefined;
    return args.map((arg) => {
      const segments = arg.split('/');
      if (segments.length !== 2) {
        throw new CommandError('arguments in resource/name form may not have more than one slash');
      }
      const [type = '', name = ''] = segments;
      if (!type || !name || splitTypes(type).length !== 1) {
        throw new CommandError('arguments in resource/name form must have a single resource and name');
      }
      return { type, name };
    });
  }

  private async *fromTuples(tuples: Tuple[]): AsyncGenerator<Item> {
    if (this.selects())
      throw new CommandError('selectors and the all flag cannot be used when passing resource/name arguments');
    this.singleItemImplied = tuples.length === 1;
    this.checkTypes(tuples.map(({ type }) => type));
    const infos: Info[] = [];
    for (const { type, name } of tuples) infos.push(await this.named(await this.factory.mapper.typeFor(type), name));
    yield* this.read(infos);
  }

  private async *fromTypes(args: string[]): AsyncGenerator<Item> {
    const { options, factory } = this;
    const [typeArgument, ...names] = args;
    const types = typeArgument === undefined ? [] : await this.expand(typeArgument);
    this.checkTypes(types);
    if (this.selects() || (types.length > 0 && names.length === 0 && options.allowEmptySelector)) {
      yield* this.fromSelector(types, names);
      return;
    }
    if (types.length === 0) throw new CommandError(MISSING);
    if (names.length === 0) {
      for (const type of types) await factory.mapper.typeFor(type);
      throw new CommandError('resource(s) were provided, but no name was specified');
    }
    this.singleItemImplied = types.length === 1 && names.length === 1;
    const infos: Info[] = [];
    for (const each of types) {
      const type = await factory.mapper.typeFor(each);
      for (const name of names) infos.push(await this.named(type, name));
    }
    yield* this.read(infos);
  }

  private async *fromSelector(types: string[], names: string[]): AsyncGenerator<Item> {
    if (this.options.all && (this.options.labelSelector || this.options.fieldSelector)) {
      throw new CommandError("setting 'all' parameter but found a non empty selector. ");
    }
    if (names.length > 0) throw new CommandError('name cannot be provided when a selector is specified');
    if (types.length === 0) throw new CommandError('at least one resource must be specified to use a selector');
    if (this.options.subresource)
      throw new CommandError('subresource cannot be used when bulk resources are specified');
    const mapped: ResourceType[] = [];
    for (const type of types) mapped.push(await this.factory.mapper.typeFor(type));
    for (const type of new Set(mapped)) yield* this.list(type);
  }

  /** Comma lists and categories as single types. */
  private async expand(argument: string): Promise<string[]> {
    const types = splitTypes(argument);
    const expanded: string[] = [];
    for (const type of types) {
      const members = /[./]/.test(type) ? [] : await this.factory.mapper.category(type);
      expanded.push(...(members.length > 0 ? members : [type]));
    }
    return [...new Set(expanded)];
  }

  private checkTypes(types: string[]): void {
    if (this.options.singleType && new Set(types).size > 1) {
      throw new CommandError('you may only specify a single resource type');
    }
  }

  private selects(): boolean {
    const { labelSelector, fieldSelector, all } = this.options;
    return Boolean(labelSelector || fieldSelector || all);
  }

  private async named(type: ResourceType, name: string): Promise<Info> {
    const { allNamespaces, subresource } = this.options;
    if (type.namespaced && allNamespaces) {
      throw new CommandError('a resource cannot be retrieved by name across all namespaces');
    }
    const namespace = type.namespaced ? await this.namespace() : '';
    if (type.namespaced && !namespace) {
      throw new CommandError('namespace may not be empty when retrieving a resource by name');
    }
    return { type, namespace, name, ...(subresource && { subresource }) };
  }

  private async namespace(): Promise<string> {
    return this.options.namespace ?? (await this.factory.namespace()).namespace;
  }

  private async *read(infos: Info[]): AsyncGenerator<Item> {
    for (const info of infos) {
      if (this.options.local || this.options.latest === false) {
        yield info;
        continue;
      }
      yield await this.retrieved(info);
    }
  }

  private async retrieved(info: Info): Promise<Info | NotRetrieved> {
    try {
      return { ...info, object: await this.retrieve(info) };
    } catch (error) {
      return new NotRetrieved(asError(error));
    }
  }

  private async retrieve(info: Info): Promise<KubeObject> {
    const { type, namespace, name } = info;
    if (type.namespaced && !namespace) {
      throw new CommandError(`no namespace set on resource ${gvrText(type)} ${JSON.stringify(name)}`);
    }
    const client = await this.factory.client();
    const { accept, query } = this.options;
    try {
      const found = client.request<KubeObject>('GET', infoPath(info), {
        ...(accept && { accept }),
        ...(query && { query }),
      });
      return await found;
    } catch (error) {
      // resource.Info.Get: of a namespace that is not there, that is what is told.
      if (isNotFound(error) && namespace && namespace !== 'default')
        await client.request('GET', `/api/v1/namespaces/${namespace}`).catch((missing: unknown) => {
          if (isNotFound(missing)) throw missing;
        });
      throw error;
    }
  }

  private async *list(type: ResourceType): AsyncGenerator<Item> {
    const namespace = type.namespaced && !this.options.allNamespaces ? await this.namespace() : '';
    const base: Info = { type, namespace, name: '' };
    try {
      for await (const page of this.pages(type, namespace)) {
        if (this.options.flatten === false || page.kind === 'Table') yield { ...base, object: page };
        else yield* itemsOf(page, type);
      }
    } catch (error) {
      const { labelSelector = '', fieldSelector = '' } = this.options;
      yield describeSelectorError(asError(error), type, labelSelector, fieldSelector);
    }
  }

  private async *pages(type: ResourceType, namespace: string): AsyncGenerator<KubeObject & { items?: KubeObject[] }> {
    const client = await this.factory.client();
    const { labelSelector, fieldSelector, accept, chunkSize, query } = this.options;
    for (let next: string | undefined = ''; next !== undefined; ) {
      const page: KubeObject & { items?: KubeObject[] } = await client.request('GET', resourcePath(type, namespace), {
        ...(accept && { accept }),
        query: { ...query, labelSelector, fieldSelector, limit: chunkSize || undefined, continue: next },
      });
      yield page;
      next = (page.metadata as { continue?: string } | undefined)?.continue || undefined;
    }
  }

  private async *fromFiles(files: ManifestFile[]): AsyncGenerator<Item> {
    // Only who reads files needs to know YAML.
    const { documents, toObject, validateData } = await import('./decode.ts');
    const { validate = 'Ignore' } = this.options;
    for (const file of files) {
      try {
        for await (const document of documents(await file.text(), file.source)) {
          if (validate !== 'Ignore') {
            await this.factory.openapi.require(file.source);
            validateData(document, file.source);
          }
          if (validate === 'Warn') await this.warnUnlessKnown(document);
          yield* this.fromDocument(document, file.source, toObject);
        }
      } catch (error) {
        yield asError(error);
      }
    }
  }

  /** Tells of an object whose validation the server cannot be asked for. */
  private async warnUnlessKnown(document: JsonValue): Promise<void> {
    const { apiVersion, kind } = document as { apiVersion: string; kind: string };
    if (await this.factory.mapper.typeOfKind(apiVersion, kind)) return;
    this.factory.log.line(
      'W',
      'schema.go:145',
      'cannot perform warn validation if server-side field validation is unsupported, skipping validation',
    );
  }

  private async *fromDocument(
    document: JsonValue,
    source: string,
    decode: (document: JsonValue, source: string) => KubeObject,
  ): AsyncGenerator<Item> {
    try {
      const object = decode(document, source) as KubeObject & { items?: KubeObject[] };
      if (object.kind.endsWith('List') && Array.isArray(object.items)) {
        this.singleItemImplied = false;
        for (const item of object.items) {
          const inherited =
            object.kind === 'List' ? {} : { apiVersion: object.apiVersion, kind: object.kind.slice(0, -4) };
          yield* this.fromDocument({ ...inherited, ...item } as unknown as JsonValue, source, decode);
        }
        return;
      }
      const info = await this.fileInfo(object, source);
      const read = this.options.latest && info.name !== '' ? await this.retrieved(info) : info;
      if (read instanceof NotRetrieved) yield read.error;
      else if (await this.isSelected(read)) yield await this.placed(read);
    } catch (error) {
      yield asError(error);
    }
  }

  private async checkSelector(): Promise<void> {
    const { labelSelector } = this.options;
    if (!labelSelector) return;
    const { parseLabelSelector } = await import('../../api/machinery/selectors.ts');
    try {
      parseLabelSelector(labelSelector);
    } catch (error) {
      throw new CommandError(
        `the provided selector ${JSON.stringify(labelSelector)} is not valid: ${asError(error).message}`,
      );
    }
  }

  /** Selectors choose among a file's objects too, by the labels that the server knows if it was asked. */
  private async isSelected({ object }: Info): Promise<boolean> {
    const { labelSelector } = this.options;
    if (!labelSelector) return true;
    const { matchesLabels, parseLabelSelector } = await import('../../api/machinery/selectors.ts');
    return matchesLabels(parseLabelSelector(labelSelector), object?.metadata?.labels ?? {});
  }

  /** What -n does not contradict (resource.RequireNamespace). */
  private async placed(info: Info): Promise<Info | NotRetrieved> {
    if (this.options.local || !info.type.namespaced) return info;
    const chosen = await this.factory.namespace();
    const target = this.options.namespace ?? chosen.namespace;
    if (info.namespace === target || !(this.options.enforceNamespace ?? chosen.explicit)) return info;
    return new NotRetrieved(
      new CommandError(
        `the namespace from the provided object ${JSON.stringify(info.namespace)} does not match the namespace ${JSON.stringify(target)}. You must pass '--namespace=${info.namespace}' to perform this operation.`,
      ),
    );
  }

  /** An object of a file, in its namespace. */
  private async fileInfo(object: KubeObject, source: string): Promise<Info> {
    const { name = '', namespace = '' } = object.metadata ?? {};
    if (this.options.local) return { type: localType(object), namespace, name, object, source };
    const type = await this.factory.mapper.typeOfKind(object.apiVersion ?? '', object.kind).catch((error: Error) => {
      if (!(error instanceof TransportError)) throw error;
      throw new CommandError(`unable to recognize ${JSON.stringify(source)}: ${error.message}`);
    });
    if (!type) {
      throw new CommandError(
        `resource mapping not found for name: ${JSON.stringify(name)} namespace: ${JSON.stringify(namespace)} from ${JSON.stringify(source)}: no matches for kind ${JSON.stringify(object.kind)} in version ${JSON.stringify(object.apiVersion ?? '')}\nensure CRDs are installed first`,
      );
    }
    if (this.options.validate) await this.factory.openapi.consult(type);
    if (!type.namespaced) return { type, namespace: '', name, object, source };
    const target = await this.namespace();
    const placed = namespace ? object : { ...object, metadata: { ...object.metadata, namespace: target } };
    return { type, namespace: namespace || target, name, object: placed, source };
  }
}

/** The items of a list as Infos of their own, each with its kind filled in. */
export function* itemsOf(list: KubeObject & { items?: KubeObject[] | null }, type: ResourceType): Generator<Info> {
  for (const item of list.items ?? []) {
    const object = { ...item, apiVersion: list.apiVersion, kind: list.kind.replace(/List$/, '') };
    yield { type, namespace: item.metadata.namespace ?? '', name: item.metadata.name ?? '', object };
  }
}

/** `apps/v1, Resource=deployments` */
const gvrText = ({ group, version, resource }: ResourceType): string => `${group}/${version}, Resource=${resource}`;

/** How a list that the server refused is reported: a bad request is put down to the selectors. */
export function describeSelectorError(error: Error, type: ResourceType, labels: string, fields: string): Error {
  if (!(error instanceof StatusError) || (error.reason !== 'BadRequest' && error.reason !== 'NotFound')) return error;
  const resource = `"${gvrText(type)}"`;
  const failed =
    labels || fields
      ? `Unable to find ${resource} that match label selector "${labels}", field selector "${fields}"`
      : `Unable to list ${resource}`;
  return new StatusError({ ...error.status, message: `${failed}: ${error.message}` });
}

/** What can be known of an object's type without asking the server. */
function localType({ apiVersion = '', kind }: KubeObject): ResourceType {
  const singular = kind.toLowerCase();
  return {
    ...parseGroupVersion(apiVersion),
    kind,
    singular,
    resource: `${singular}s`,
    namespaced: true,
    shortNames: [],
    categories: [],
    verbs: [],
    subresources: [],
  };
}
