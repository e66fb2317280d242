import type { DaemonHttp, FileSystem } from '../process.ts';

/** A request as a server in a container sees it. */
export interface ServerRequest {
  method: string;
  path: string;
  headers: Record<string, string>;
  body?: string;
  /** It came over TLS. */
  tls?: boolean;
  /** The client's certificate, PEM. */
  certificate?: string;
}

export interface ServerResponse {
  status: number;
  reason: string;
  headers: Record<string, string>;
  body: string;
  /** It speaks HTTPS. */
  tls?: boolean;
  h2?: boolean;
  alert?: string;
  /** Time alone changes what it answers. */
  fleeting?: boolean;
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

export const TYPES: Record<string, string> = {
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

/** An answer as it was written by hand; undefined if it does not begin as one. */
export function parseResponse(text: string): ServerResponse | undefined {
  const [, status, reason = '', rest = ''] = /^HTTP\/1\.[01] ([0-9]{3}) ?([^\r\n]*)\r?\n([\s\S]*)$/.exec(text) ?? [];
  if (status === undefined) return undefined;
  const end = /(?:^|\r?\n)\r?\n/.exec(rest);
  const head = end ? rest.slice(0, end.index) : rest;
  const headers = head
    .split(/\r?\n/)
    .flatMap((line) =>
      line.includes(':') ? [[line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()] as const] : [],
    );
  return {
    status: Number(status),
    reason,
    headers: Object.fromEntries(headers),
    body: end ? rest.slice(end.index + end[0].length) : '',
  };
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
  const found = http.root === undefined ? undefined : serveFile(http.root, path, files, http.listing ?? false);
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
  listing: boolean,
): { status: number } | { text: string; type: string; mtime: number } {
  try {
    const target = `${root}${decodeURIComponent(path)}`.replace(/\/+/g, '/');
    const stat = files.stat(target.replace(/\/$/, '') || '/');
    if (!stat) return { status: 404 };
    if (stat.type === 'directory' || target.endsWith('/')) {
      const index = `${target.replace(/\/$/, '')}/index.html`;
      if (files.stat(index)) return { text: files.read(index), type: 'text/html', mtime: files.stat(index)!.mtime };
      return listing
        ? { text: folderPage(path, target, files), type: 'text/html; charset=utf-8', mtime: stat.mtime }
        : { status: 403 };
    }
    const extension = target.split('.').at(-1)!;
    return { text: files.read(target), type: TYPES[extension] ?? 'application/octet-stream', mtime: stat.mtime };
  } catch {
    return { status: 403 };
  }
}

/** The page that Python's server makes of a folder. */
function folderPage(path: string, folder: string, files: FileSystem): string {
  const items = files.list(folder.replace(/\/$/, '') || '/').map((name) => {
    const shown = files.stat(`${folder.replace(/\/$/, '')}/${name}`)?.type === 'directory' ? `${name}/` : name;
    return `<li><a href="${shown}">${shown}</a></li>\n`;
  });
  const title = `Directory listing for ${path}`;
  return `<!DOCTYPE HTML>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>${title}</title>\n</head>\n<body>\n<h1>${title}</h1>\n<hr>\n<ul>\n${items.join('')}</ul>\n<hr>\n</body>\n</html>\n`;
}
