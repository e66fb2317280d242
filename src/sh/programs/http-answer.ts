import type { DaemonHttp, FileSystem } from '../process.ts';

/** A request as a server in a container sees it. */
export interface ServerRequest {
  method: string;
  path: string;
  headers: Record<string, string>;
  body?: string;
}

export interface ServerResponse {
  status: number;
  reason: string;
  headers: Record<string, string>;
  body: string;
  /** It speaks HTTPS. */
  tls?: boolean;
}

const REASONS: Record<number, string> = {
  200: 'OK',
  204: 'No Content',
  301: 'Moved Permanently',
  302: 'Found',
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
  504: 'Gateway Timeout',
};

const TYPES: Record<string, string> = {
  html: 'text/html',
  htm: 'text/html',
  css: 'text/css',
  js: 'application/javascript',
  json: 'application/json',
  txt: 'text/plain',
  svg: 'image/svg+xml',
  xml: 'text/xml',
};

export const reasonOf = (status: number): string => REASONS[status] ?? 'Unknown';

/** An answer with the headers that every server sends. `now`: ms. */
export function respond(
  status: number,
  body: string,
  type: string,
  server: string | undefined,
  now: number,
): ServerResponse {
  const headers: Record<string, string> = {
    ...(server && { Server: server }),
    Date: new Date(now).toUTCString(),
    'Content-Type': type,
    'Content-Length': String(Buffer.byteLength(body)),
    Connection: 'keep-alive',
  };
  return { status, reason: reasonOf(status), headers, body };
}

/** nginx's own page for an error. */
const errorPage = (status: number, server: string) =>
  `<html>\r\n<head><title>${status} ${reasonOf(status)}</title></head>\r\n<body>\r\n<center><h1>${status} ${reasonOf(status)}</h1></center>\r\n<hr><center>${server}</center>\r\n</body>\r\n</html>\r\n`;

/** What a server answers, over the protocol that it speaks. */
export function answer(...[http, ...rest]: Parameters<typeof plainAnswer>): ServerResponse {
  const response = plainAnswer(http, ...rest);
  return http.tls ? { ...response, tls: true } : response;
}

/** What a server answers, from its fixed paths and from the files of its root. */
function plainAnswer(
  http: DaemonHttp,
  request: ServerRequest,
  files: FileSystem,
  now: number,
  fill: (text: string) => string,
): ServerResponse {
  const server = http.server;
  const path = request.path.replace(/[?#].*$/, '') || '/';
  const fixed = http.paths?.[path] ?? (http.root ? undefined : http.paths?.['*']);
  if (fixed) return respond(fixed.status ?? 200, fill(fixed.body), fixed.type ?? 'text/plain', server, now);
  const found = http.root === undefined ? undefined : serveFile(http.root, path, files);
  if (found && 'status' in found) {
    return respond(
      found.status,
      http.notFound && found.status === 404 ? fill(http.notFound) : errorPage(found.status, server ?? ''),
      'text/html',
      server,
      now,
    );
  }
  if (found) {
    const response = respond(200, found.text, found.type, server, now);
    Object.assign(response.headers, { 'Last-Modified': new Date(found.mtime).toUTCString(), 'Accept-Ranges': 'bytes' });
    return response;
  }
  return respond(
    404,
    fill(http.notFound ?? errorPage(404, server ?? 'server')),
    http.notFound ? 'text/plain' : 'text/html',
    server,
    now,
  );
}

function serveFile(
  root: string,
  path: string,
  files: FileSystem,
): { status: number } | { text: string; type: string; mtime: number } {
  const target = `${root}${decodeURIComponent(path)}`.replace(/\/+/g, '/');
  const stat = files.stat(target.replace(/\/$/, '') || '/');
  if (!stat) return { status: 404 };
  try {
    if (stat.type === 'directory' || target.endsWith('/')) {
      const index = `${target.replace(/\/$/, '')}/index.html`;
      return files.stat(index)
        ? { text: files.read(index), type: 'text/html', mtime: files.stat(index)!.mtime }
        : { status: 403 };
    }
    const extension = target.split('.').at(-1)!;
    return { text: files.read(target), type: TYPES[extension] ?? 'application/octet-stream', mtime: stat.mtime };
  } catch {
    return { status: 403 };
  }
}
