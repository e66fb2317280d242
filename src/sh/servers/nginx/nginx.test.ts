import { describe, expect, it } from 'vitest';
import { reply } from '../../../network/dns/message.ts';
import { MemoryFiles, NO_NETWORK, testMachine } from '../../testing.ts';
import { readConfiguration } from './configuration.ts';
import { respondTo } from './respond.ts';
import { NginxError } from './syntax.ts';

const MAIN = 'events {}\nhttp {\n  include /etc/nginx/conf.d/*.conf;\n}\n';
const FILES = {
  '/etc/nginx/nginx.conf': MAIN,
  '/etc/resolv.conf': 'nameserver 10.96.0.10\n',
  '/srv/index.html': 'home\n',
  '/srv/a/page.txt': 'page\n',
  '/srv/oops.html': 'our own page\n',
};

function machine(site: string) {
  return testMachine({
    hostname: 'web-0',
    files: new MemoryFiles({ ...FILES, '/etc/nginx/conf.d/default.conf': site }),
    network: {
      ...NO_NETWORK,
      query: (_, name, type) => reply('NOERROR', name === 'back' ? [{ name, type, ttl: 30, data: '10.0.0.1' }] : []),
      http: ({ host, port, path, headers }) =>
        port === 81
          ? { failure: 'refused' }
          : {
              status: 200,
              reason: 'OK',
              headers: { 'Content-Type': 'text/plain' },
              body: `${host} ${path} ${headers.host} ${headers['x-real'] ?? ''}`,
            },
    },
  });
}

function ask(site: string, path: string, headers: Record<string, string> = {}, port = 80) {
  const around = machine(site);
  const configuration = readConfiguration(around, '/etc/nginx/nginx.conf');
  const request = { method: 'GET', path, headers: { host: 'h.test', ...headers }, client: '10.244.1.7' };
  const { response, error } = respondTo(around, configuration, 'nginx/1.27.5', port, request);
  return { answer: `${response.status} ${response.headers.Location ?? response.body.trim()}`, error };
}

const root = (lines: string) => `server {\n  root /srv;\n${lines}\n}\n`;

describe('a configuration', () => {
  it.each([
    ['server { lisen 80; }', 'unknown directive "lisen" in /etc/nginx/conf.d/default.conf:1'],
    ['server {\n  listen 80\n}\n', 'directive "listen" is not terminated by ";" in /etc/nginx/conf.d/default.conf:3'],
    ['server {\n  listen 80\n  root /srv;\n}\n', 'invalid parameter "root" in /etc/nginx/conf.d/default.conf:3'],
    ['server {\n', 'unexpected end of file, expecting "}" in /etc/nginx/conf.d/default.conf:2'],
    ['}\n', 'unexpected "}" in /etc/nginx/conf.d/default.conf:1'],
    ['location / {}\n', '"location" directive is not allowed here in /etc/nginx/conf.d/default.conf:1'],
    [root('root;'), 'invalid number of arguments in "root" directive in /etc/nginx/conf.d/default.conf:3'],
    [
      root('location / { proxy_pass http://nosuch; }'),
      'host not found in upstream "nosuch" in /etc/nginx/conf.d/default.conf:3',
    ],
    ['upstream u { server nosuch:80; }', 'host not found in upstream "nosuch:80" in /etc/nginx/conf.d/default.conf:1'],
    [
      'server { listen 443 ssl; }',
      'no "ssl_certificate" is defined for the "listen ... ssl" directive in /etc/nginx/conf.d/default.conf:1',
    ],
  ])('%j is refused', (site, message) => {
    expect(() => readConfiguration(machine(site), '/etc/nginx/nginx.conf')).toThrow(new NginxError(message));
  });
});

describe('a request', () => {
  it.each<[what: string, site: string, path: string, answer: string]>([
    ['finds a file', root(''), '/a/page.txt', '200 page'],
    ['finds the index', root(''), '/', '200 home'],
    ['is led into a folder', root(''), '/a', '301 http://h.test/a/'],
    ['is answered as told', root('location /x { return 201 "$hostname $uri\\n"; }'), '/x/y', '201 web-0 /x/y'],
    ['is sent away', root('location /old { return 301 /new; }'), '/old', '301 http://h.test/new'],
    ['takes the longest prefix', root('location / { return 200 a; }\nlocation /b { return 200 b; }'), '/b/c', '200 b'],
    [
      'takes an exact path first',
      root('location /b { return 200 p; }\nlocation = /b { return 200 e; }'),
      '/b',
      '200 e',
    ],
    [
      'takes a pattern before a prefix',
      root('location /b { return 200 p; }\nlocation ~ \\.txt$ { return 200 r; }'),
      '/b/x.txt',
      '200 r',
    ],
    ['tries files', root('location / { try_files $uri /index.html; }'), '/none', '200 home'],
    ['is rewritten', root('location /r/ { rewrite ^/r/(.*)$ /a/$1 break; }'), '/r/page.txt', '200 page'],
    [
      'goes on',
      root('location /p/ { proxy_pass http://back:8080/q/; proxy_set_header X-Real $remote_addr; }'),
      '/p/z?a=1',
      '200 10.0.0.1 /q/z?a=1 back:8080 10.244.1.7',
    ],
    [
      'goes to a group',
      `upstream u { server back:82; }\n${root('location / { proxy_pass http://u; }')}`,
      '/z',
      '200 10.0.0.1 /z u',
    ],
    ['depends on a condition', root('location / { if ($request_method = GET) { return 200 got; } }'), '/', '200 got'],
    ['gets a page of its own', root('error_page 404 /oops.html;'), '/none', '404 our own page'],
  ])('%s', (_what, site, path, answer) => {
    expect(ask(site, path).answer).toBe(answer);
  });

  it('that fails is told in the error log', () => {
    expect(ask(root('server_name s;'), '/none').error).toBe(
      '*1 open() "/srv/none" failed (2: No such file or directory), client: 10.244.1.7, server: s, request: "GET /none HTTP/1.1", host: "h.test"',
    );
    expect(ask(root('location / { proxy_pass http://back:81; }'), '/')).toMatchObject({
      answer: expect.stringMatching(/^502 /),
      error: expect.stringContaining('connect() failed (111: Connection refused) while connecting to upstream'),
    });
  });

  it('goes to the server of its name and port', () => {
    const sites =
      'server { listen 80; server_name a.test; return 200 a; }\nserver { listen 80 default_server; return 200 d; }\nserver { listen 81; return 200 e; }\n';
    expect(ask(sites, '/', { host: 'a.test' }).answer).toBe('200 a');
    expect(ask(sites, '/', { host: 'b.test:80' }).answer).toBe('200 d');
    expect(ask(sites, '/', {}, 81).answer).toBe('200 e');
  });
});
