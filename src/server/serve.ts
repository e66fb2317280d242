import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { readAsset } from '../base/assets.ts';
import { goJson } from '../base/go-json.ts';
import type { StreamOptions } from '../kubectl/transport.ts';
import { isFailure, readRequest, refuse, type ServedRequest, writeResponse } from './exchange.ts';
import { encodeOpenApi, OPENAPI_ANSWERED, OPENAPI_PROTOBUF, type OpenApiV2 } from './openapi-protobuf.ts';

/** What stands behind the front: one cluster. */
export interface Backend {
  answer(request: ServedRequest): Promise<Answer>;
  /** The events of a watch until `signal` ends it; throws what `answer` would have answered. */
  watch(request: ServedRequest, signal: AbortSignal): AsyncIterable<unknown>;
  /** exec and attach; resolves with the Status that ends the error channel. */
  stream(request: ServedRequest, options: StreamOptions): Promise<unknown>;
  /** Why such a request is refused before its connection is upgraded. */
  checkStream(request: ServedRequest): Promise<Answer | undefined>;
  /** Sends bytes to a port of a pod, and gives back what comes. */
  forward(request: ServedRequest, namespace: string, pod: string, port: number, data: Uint8Array): Promise<Uint8Array>;
  /** A log that grows; resolves with the last answer. */
  follow(request: ServedRequest, write: (text: string) => void): Promise<Answer>;
}

export interface Answer {
  status: number;
  contentType: string;
  warnings: string[];
  text(): string;
}

export interface ServeOptions {
  backend: Backend;
  certificate: { key: string; cert: string };
  /** 0 picks a free one. */
  port: number;
}

/** Serves a cluster's API over HTTPS on loopback; resolves with its address once it listens. Rejects if the port is taken. */
export async function serve({ backend, certificate, port }: ServeOptions): Promise<{ server: Server; url: string }> {
  // Whoever has no certificate, or one that is no good, is told so by the API and not by TLS.
  const clients = { ca: readAsset('fixtures/pki/ca.crt'), requestCert: true, rejectUnauthorized: false };
  const server = createServer({ ...certificate, ...clients }, (request, response) => {
    handle(backend, request, response).catch((error: unknown) => refuse(response, error));
  });
  server.on('upgrade', (request, socket, head) => {
    import('./upgrade.ts')
      .then(({ handleUpgrade }) => handleUpgrade(backend, request, socket, head))
      .catch(() => socket.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return { server, url: `https://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

async function handle(backend: Backend, incoming: IncomingMessage, response: ServerResponse): Promise<void> {
  const request = await readRequest(incoming);
  const { query } = request;
  if (request.method === 'GET' && ['1', 'true'].includes(query.get('watch') ?? '')) {
    return await stream(backend, request, response);
  }
  if (/\/log$/.test(request.path) && query.get('follow') === 'true') {
    response.setHeader('content-type', 'text/plain');
    const last = await backend.follow(request, (text) => response.write(text));
    if (response.headersSent) response.end();
    else writeResponse(response, last);
    return;
  }
  const answer = await backend.answer(request);
  if (request.path === '/openapi/v2' && incoming.headers.accept?.includes(OPENAPI_PROTOBUF) && !isFailure(answer)) {
    response.writeHead(200, { 'content-type': OPENAPI_ANSWERED });
    response.end(encodeOpenApi(JSON.parse(answer.text()) as OpenApiV2));
    return;
  }
  writeResponse(response, answer);
}

async function stream(backend: Backend, request: ServedRequest, response: ServerResponse): Promise<void> {
  const ended = new AbortController();
  response.on('close', () => ended.abort());
  // What a list would refuse, a watch refuses the same way: before the first byte of the stream.
  const first = await backend.answer({ ...request, target: listTarget(request) });
  if (isFailure(first)) return writeResponse(response, first);
  response.writeHead(200, { 'content-type': 'application/json' });
  response.flushHeaders();
  for await (const event of backend.watch(request, ended.signal)) response.write(`${goJson(event)}\n`);
  response.end();
}

/** The target of the list that a watch continues, short. */
function listTarget({ path, query }: ServedRequest): string {
  const list = new URLSearchParams(query);
  for (const name of ['watch', 'timeoutSeconds', 'resourceVersion', 'allowWatchBookmarks', 'sendInitialEvents'])
    list.delete(name);
  list.delete('resourceVersionMatch');
  list.set('limit', '1');
  return `${path}?${list}`;
}
