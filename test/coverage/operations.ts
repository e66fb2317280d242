import { readFileSync } from 'node:fs';
import type { ApiRequest } from '../../src/api/request.ts';
import type { ApiResource } from '../../src/api/schema/registry.ts';
import { testServer } from '../../src/api/testing/server.ts';
import { SAMPLES } from './samples.ts';

// What the API server does with each resource, found out by asking it.

type Server = Awaited<ReturnType<typeof testServer>>;
type Json = Record<string, unknown>;

/** `✓` for what works, the code of the refusal for what is offered and does not, `` for what is not offered. */
export type Mark = string;
export const OPERATIONS = [
  'create',
  'get',
  'list',
  'watch',
  'update',
  'patch',
  'apply',
  'delete',
  'deletecollection',
] as const;
export type Operation = (typeof OPERATIONS)[number];

export interface Findings {
  operations: Record<Operation, Mark>;
  /** By subresource: the verbs that work. */
  subresources: Record<string, Mark>;
}

const created = readFileSync(new URL('../../src/api/kinds/testdata/created.jsonl', import.meta.url), 'utf8');

/** An object that may be created, by resource and API version. */
function sampleOf(resource: string, apiVersion: string): Json | undefined {
  if (SAMPLES[resource]) return structuredClone(SAMPLES[resource]);
  const recorded = created
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { resource: string; given: Json });
  const fits = recorded.filter((one) => one.resource === resource);
  return (fits.find(({ given }) => given.apiVersion === apiVersion) ?? fits[0])?.given;
}

/** The verbs of subresources that are views of their object: others act, or ask a node. */
const VIEW = 'get,patch,update';

const root = (apiVersion: string) => (apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`);

/** Asks for everything that discovery offers of one resource. */
class Probe {
  private readonly collection: string;
  private readonly sample: Json;

  constructor(
    private readonly server: Server,
    resource: string,
    apiVersion: string,
    private readonly offered: ApiResource,
  ) {
    const { name: plural, namespaced, kind, verbs } = offered;
    this.collection = `${root(apiVersion)}${namespaced ? '/namespaces/default' : ''}/${plural}`;
    const { metadata, ...rest } = sampleOf(resource, apiVersion) ?? {};
    const { namespace: _, ...given } = (metadata ?? {}) as Json;
    // What is only ever created is a question, and has no name.
    const name = verbs.includes('get') ? { name: 'probe' } : {};
    this.sample = { ...rest, apiVersion, kind, metadata: { ...name, ...given } };
  }

  private get path(): string {
    return `${this.collection}/${String((this.sample.metadata as Json).name)}`;
  }

  private async ask(
    method: ApiRequest['method'],
    url: string,
    body?: unknown,
    type = 'application/json',
  ): Promise<Mark> {
    const { status } = await this.server.send(method, url, body, { 'content-type': type });
    return status < 300 ? '✓' : String(status);
  }

  private async current(): Promise<Json> {
    return (await this.server.send('GET', this.path)).body as Json;
  }

  private run(operation: Operation): Promise<Mark> {
    const labels = { metadata: { labels: { probe: operation } } };
    const apply = { ...this.sample, metadata: { ...(this.sample.metadata as Json), ...labels.metadata } };
    switch (operation) {
      case 'create':
        return this.ask('POST', this.collection, this.sample);
      case 'get':
        return this.ask('GET', this.path);
      case 'list':
        return this.ask('GET', this.collection);
      case 'watch':
        return this.ask('GET', `${this.collection}?watch=true`);
      case 'update':
        return this.current().then((object) => this.ask('PUT', this.path, object));
      case 'patch':
        return this.ask('PATCH', this.path, labels, 'application/merge-patch+json');
      case 'apply':
        return this.ask('PATCH', `${this.path}?fieldManager=probe&force=true`, apply, 'application/apply-patch+yaml');
      case 'delete':
        return this.ask('DELETE', this.path);
      case 'deletecollection':
        return this.ask('DELETE', this.collection);
    }
  }

  /** `run` in the order of OPERATIONS, with what is not offered left empty; `between` is asked before the deletes. */
  async operations(between: () => Promise<void>): Promise<Record<Operation, Mark>> {
    const result = {} as Record<Operation, Mark>;
    for (const operation of OPERATIONS) {
      if (operation === 'delete') await between();
      const verb = operation === 'apply' ? 'patch' : operation;
      result[operation] = this.offered.verbs.includes(verb) ? await this.run(operation) : '';
    }
    return result;
  }

  async subresource({ name, verbs }: ApiResource): Promise<Mark> {
    const path = `${this.path}/${name.split('/')[1]}`;
    if (verbs.join() !== VIEW) return verbs.join(', ');
    const { body, status } = await this.server.send('GET', path);
    if (status >= 300) return `${verbs.join(', ')} (${status})`;
    const update = await this.ask('PUT', path, body);
    const patch = await this.ask('PATCH', path, { metadata: { labels: {} } }, 'application/merge-patch+json');
    const wrong = [update, patch].find((mark) => mark !== '✓');
    return wrong ? `${verbs.join(', ')} (${wrong})` : verbs.join(', ');
  }
}

/** Asks a new API server; `resource` is the name that strategies know it by. */
export async function findings(
  resource: string,
  apiVersion: string,
  offered: ApiResource,
  subresources: ApiResource[],
): Promise<Findings> {
  const server = await testServer();
  // What a binding binds.
  server.put('pods', 'Pod', { name: 'target', namespace: 'default' }, { spec: { containers: [] } });
  const probe = new Probe(server, resource, apiVersion, offered);
  const found: Record<string, Mark> = {};
  const operations = await probe.operations(async () => {
    for (const one of subresources) found[one.name.split('/')[1]!] = await probe.subresource(one);
  });
  return { operations, subresources: found };
}
