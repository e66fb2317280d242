import { CommandError } from '../errors.ts';
import { TransportError } from '../transport.ts';
import type { GroupVersion } from './mapper.ts';
import type { RestClient } from './rest.ts';

/** The server's OpenAPI v3 documents, each asked for once in a run. */
export class OpenApi {
  private paths: Promise<Record<string, { serverRelativeURL: string }>> | undefined;
  private reached: Promise<void> | undefined;
  private readonly documents = new Map<string, Promise<unknown>>();

  constructor(
    private readonly client: () => Promise<RestClient>,
    private readonly logged: () => boolean,
  ) {}

  /** The document of a group and version; undefined when the server has none. */
  async document<T>({ group, version }: GroupVersion): Promise<T | undefined> {
    this.paths ??= this.get<{ paths: Record<string, { serverRelativeURL: string }> }>('/openapi/v3').then(
      ({ paths }) => paths,
    );
    const name = group ? `apis/${group}/${version}` : `api/${version}`;
    const entry = (await this.paths)[name];
    if (!entry) return undefined;
    let document = this.documents.get(name);
    if (!document) {
      document = this.get(entry.serverRelativeURL);
      this.documents.set(name, document);
    }
    return document as Promise<T>;
  }

  /** The real kubectl reads a kind's schema before it validates or patches. Ours needs none of it: it asks where a log tells of requests. */
  async consult(type: GroupVersion): Promise<void> {
    if (this.logged()) await this.document(type).catch(() => undefined);
  }

  /** Throws what the real kubectl says of a file when nobody answers it what the fields of objects are. */
  async require(source: string): Promise<void> {
    this.reached ??= this.client().then(async (client) => {
      if (!this.logged()) await client.get('/version');
    });
    await this.reached.catch((error: unknown) => {
      if (!(error instanceof TransportError)) return;
      const url = `${new URL(error.asked!.url).origin}/openapi/v2?timeout=32s`;
      const { message } = new TransportError(error.problem, error.host, { operation: 'Get', url });
      throw new CommandError(
        `error validating ${JSON.stringify(source)}: error validating data: failed to download openapi: ${message}; if you choose to ignore these errors, turn validation off with --validate=false`,
      );
    });
  }

  private async get<T>(path: string): Promise<T> {
    return (await this.client()).get<T>(path, { timeout: '32s' });
  }
}
