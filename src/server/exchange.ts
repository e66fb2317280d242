import type { IncomingMessage, ServerResponse } from 'node:http';
import type { TLSSocket } from 'node:tls';
import type { Answer } from './serve.ts';

/** A request as it came over HTTPS. */
export interface ServedRequest {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Path and query, encoded. */
  target: string;
  path: string;
  query: URLSearchParams;
  headers: Record<string, string>;
  /** Of the Authorization header. */
  token?: string;
  /** base64 of the PEM certificate that the client proved to have. */
  clientCertificateData?: string;
  /** JSON that was parsed, or the text of a patch or of YAML. */
  body?: unknown;
}

/** What a body may be at the most, bytes; as etcd and the API server have it. */
const LARGEST = 3 * 1024 * 1024;

/** A request that cannot be understood; answered with its status. */
export class HttpError extends Error {
  constructor(
    readonly status: number,
    readonly reason: string,
    message: string,
  ) {
    super(message);
  }
}

export async function readRequest(incoming: IncomingMessage): Promise<ServedRequest> {
  const target = incoming.url ?? '/';
  const { pathname, searchParams } = new URL(target, 'https://kubemu');
  const headers = Object.fromEntries(
    Object.entries(incoming.headers).map(([name, value]) => [name, [value ?? ''].flat().join(', ')]),
  );
  const [, token] = /^Bearer (.+)$/.exec(headers.authorization ?? '') ?? [];
  return {
    method: incoming.method as ServedRequest['method'],
    target,
    path: decodeURIComponent(pathname),
    query: searchParams,
    headers: { ...headers, ...(headers.accept && { accept: withoutProtobuf(headers.accept) }) },
    ...(token && { token }),
    ...clientCertificateOf(incoming),
    ...(await bodyOf(incoming, headers['content-type'] ?? '')),
  };
}

function clientCertificateOf({ socket }: IncomingMessage): { clientCertificateData?: string } {
  const certificate = (socket as TLSSocket).getPeerX509Certificate?.();
  return certificate ? { clientCertificateData: Buffer.from(certificate.toString()).toString('base64') } : {};
}

/** Clients that prefer protobuf take JSON as well: then it is what they get. */
function withoutProtobuf(accept: string): string {
  const kept = accept.split(',').filter((type) => !type.includes('protobuf'));
  return kept.length > 0 ? kept.join(',') : 'application/json';
}

async function bodyOf(incoming: IncomingMessage, type: string): Promise<{ body?: unknown }> {
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of incoming) {
    pieces.push(piece as Buffer);
    size += (piece as Buffer).length;
    if (size > LARGEST)
      throw new HttpError(413, 'RequestEntityTooLarge', `Request entity too large: limit is ${LARGEST}`);
  }
  if (size === 0) return {};
  const body = Buffer.concat(pieces);
  return { body: type.includes('protobuf') ? await fromProtobuf(body) : body.toString('utf8') };
}

async function fromProtobuf(body: Buffer): Promise<unknown> {
  const { decodeProtobuf, ProtobufError } = await import('./protobuf.ts');
  try {
    return decodeProtobuf(body);
  } catch (error) {
    if (error instanceof ProtobufError) throw new HttpError(400, 'BadRequest', error.message);
    throw error;
  }
}

export const isFailure = ({ status }: Answer): boolean => status >= 400;

export function writeResponse(response: ServerResponse, answer: Answer): void {
  const warnings = answer.warnings.map((text) => `299 - ${JSON.stringify(text)}`);
  if (warnings.length > 0) response.setHeader('warning', warnings);
  response.writeHead(answer.status, { 'content-type': answer.contentType, 'cache-control': 'no-cache, private' });
  response.end(answer.text());
}

/** Answers a request that failed before the API was asked, or because of a defect: with a Status, never with a stack trace. */
export function refuse(response: ServerResponse, error: unknown): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const known = error instanceof HttpError;
  const code = known ? error.status : 500;
  const reason = known ? error.reason : 'InternalError';
  const message = known ? error.message : `Internal error occurred: ${(error as Error).message}`;
  const status = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason, code };
  response.writeHead(code, { 'content-type': 'application/json' });
  response.end(`${JSON.stringify(status)}\n`);
}
