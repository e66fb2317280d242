/** A plugin of a server block, with the lines of its own block. */
export interface Plugin {
  name: string;
  args: string[];
  lines: string[][];
}

/** What CoreDNS answers for some zones. */
export interface ServerBlock {
  /** Without their final dots; '' is the root. */
  zones: string[];
  port: number;
  plugins: Plugin[];
}

/** What CoreDNS says before it gives up. */
export class CorefileError extends Error {}

const KNOWN = new Set(
  `acl any auto autopath azure bind bufsize cache cancel chaos clouddns debug dns64 dnssec dnstap erratic errors etcd file forward geoip grpc grpc_server header health
  hosts https https3 import k8s_external kubernetes loadbalance local log loop metadata minimal multisocket nomad nsid on pprof prometheus quic ready reload rewrite root route53 secondary
  sign template timeouts tls trace transfer tsig view whoami`.split(/\s+/),
);

interface Token {
  text: string;
  line: number;
}

/** Reads a Corefile as caddy's parser does. `path` stands in its errors. Throws CorefileError. */
export function parseCorefile(text: string, path: string): ServerBlock[] {
  const tokens = text
    .split('\n')
    .flatMap((line, index) =>
      [...line.replace(/(^|\s)#.*$/, '').matchAll(/"([^"]*)"|(\S+)/g)].map(
        ([, quoted, bare]): Token => ({ text: quoted ?? bare!, line: index + 1 }),
      ),
    );
  let next = 0;
  const last = tokens.at(-1)?.line ?? 1;
  const fail = (line: number, words: string): never => {
    throw new CorefileError(`${path}:${line} - Error during parsing: ${words}`);
  };

  /** The words on the line of the token that comes next. */
  function lineOf(): Token[] {
    const { line } = tokens[next]!;
    const found: Token[] = [];
    while (tokens[next]?.line === line) {
      const token = tokens[next]!;
      if (found.length > 0 && (token.text === '{' || token.text === '}')) break;
      found.push(token);
      next++;
    }
    return found;
  }

  function body(): Plugin[] {
    const plugins: Plugin[] = [];
    for (;;) {
      const token = tokens[next] ?? fail(last, 'Unexpected EOF');
      if (token.text === '}') {
        next++;
        return plugins;
      }
      const [name, ...args] = lineOf();
      if (!KNOWN.has(name!.text)) fail(name!.line, `Unknown directive '${name!.text}'`);
      const lines: string[][] = [];
      if (tokens[next]?.text === '{') {
        next++;
        while (tokens[next] && tokens[next]!.text !== '}') lines.push(lineOf().map((word) => word.text));
        if (!tokens[next]) fail(last, 'Unexpected EOF');
        next++;
      }
      plugins.push({ name: name!.text, args: args.map((word) => word.text), lines });
    }
  }

  const blocks: ServerBlock[] = [];
  while (next < tokens.length) {
    const names: string[] = [];
    const { line, text: first } = tokens[next]!;
    // Files that are imported beside the servers: there are none.
    if (first === 'import') {
      lineOf();
      continue;
    }
    while (tokens[next] && tokens[next]!.text !== '{') names.push(tokens[next++]!.text.replace(/,$/, ''));
    if (!tokens[next]) fail(line, names.length > 0 ? 'Unexpected EOF' : `Unexpected '${names[0]}'`);
    if (names.includes('}')) fail(line, "Unexpected '}' because no matching opening brace");
    next++;
    const keys = names.map((name) => /^(?:dns:\/\/)?(.*?)(?::(\d+))?$/.exec(name)!);
    blocks.push({
      zones: keys.map(([, zone = '']) => zone.replace(/\.$/, '')),
      port: Number(keys[0]?.[2] ?? 53),
      plugins: body(),
    });
  }
  return blocks;
}

/** The ports that a configuration opens: those of its servers, and what its plugins serve over HTTP. */
export function portsOf(blocks: ServerBlock[]): number[] {
  const side: Record<string, number> = { health: 8080, ready: 8181, prometheus: 9153 };
  const own = blocks.flatMap(({ plugins }) =>
    plugins.flatMap(({ name, args }) => (side[name] ? [Number(args[0]?.split(':').at(-1)) || side[name]] : [])),
  );
  return [...new Set([...blocks.map(({ port }) => port), ...own])];
}
