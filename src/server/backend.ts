import { ApiError } from '../api/request.ts';
import { NotingTransport } from '../cluster/noting-transport.ts';
import type { ClusterSession } from '../cluster/session.ts';
import type { HttpRequest } from '../kubectl/transport.ts';
import type { ServedRequest } from './exchange.ts';
import type { Backend } from './serve.ts';

/** A cluster behind `kubemu serve`: requests one after the other, each on disk before it is answered. */
export function sessionBackend(session: ClusterSession): Backend {
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const turn = last.then(work, work);
    last = turn.catch(() => undefined);
    return turn;
  };
  const transportFor = ({ token, clientCertificateData, headers }: ServedRequest) =>
    new NotingTransport({
      session,
      target: {
        server: '',
        user: { ...(token && { token }), ...(clientCertificateData && { clientCertificateData }) },
        userAgent: headers['user-agent'] ?? 'unknown',
      },
    });
  return {
    answer: (request) =>
      inTurn(async () => {
        await session.refresh();
        const response = await transportFor(request).request(asRequest(request));
        await session.letGo();
        return response;
      }),
    async *watch(request, signal) {
      const { headers, query } = request;
      const seconds = Number(query.get('timeoutSeconds') ?? 0);
      try {
        yield* transportFor(request).watch(request.target, 'follows', {
          ...(headers.accept && { accept: headers.accept }),
          ...(seconds > 0 && { timeoutMs: seconds * 1000 }),
          signal,
        });
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        yield { type: 'ERROR', object: error.toStatus() };
      }
    },
    stream: async (request, options) => {
      await session.refresh();
      try {
        return await transportFor(request).stream(request.target, options);
      } finally {
        await session.letGo();
      }
    },
    checkStream: (request) =>
      inTurn(async () => {
        await session.refresh();
        const path = request.path.replace(/\/[^/]+$/, '');
        const response = await transportFor(request).request({ method: 'GET', path });
        await session.letGo();
        return response.status < 400 ? undefined : response;
      }),
    forward: (request, namespace, pod, port, data) =>
      inTurn(async () => {
        await session.refresh();
        try {
          return await transportFor(request).forward(namespace, pod, port, data);
        } finally {
          await session.letGo();
        }
      }),
    follow: (request, write) => transportFor(request).follow(request.target, 'follows', write),
  };
}

function asRequest({ method, target, headers, body }: ServedRequest): HttpRequest {
  const { 'content-length': _, host: __, connection: ___, authorization: ____, ...rest } = headers;
  // A body that came as protobuf is JSON by now.
  if (rest['content-type']?.includes('protobuf')) rest['content-type'] = 'application/json';
  return { method, path: target, headers: rest, ...(body !== undefined && { body }) };
}
