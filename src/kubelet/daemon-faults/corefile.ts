/** The plugins of a plain CoreDNS. Source: coredns/plugin.cfg. */
const PLUGINS = new Set(
  'root metadata geoip cancel tls timeouts multisocket reload nsid bufsize bind debug trace ready health pprof prometheus errors log dnstap local dns64 acl any chaos loadbalance tsig cache rewrite header dnssec autopath minimal template transfer hosts route53 azure clouddns k8s_external kubernetes file auto secondary etcd loop forward grpc erratic whoami on sign view import'.split(
    ' ',
  ),
);

/** What CoreDNS says of a Corefile that it cannot read; undefined of one that it can. */
export function corefileProblem(text: string, path: string): string | undefined {
  let depth = 0;
  const lines = text.split('\n');
  for (const [i, raw] of lines.entries()) {
    const words = raw.replace(/#.*$/, '').trim().split(/\s+/).filter(Boolean);
    const [first] = words;
    if (first === undefined) continue;
    if (depth === 1 && first !== '}' && !PLUGINS.has(first))
      return `${path}:${i + 1} - Error during parsing: Unknown directive '${first}'`;
    for (const word of words) {
      if (word === '{' || word.endsWith('{')) depth++;
      if (word === '}') depth--;
    }
    if (depth < 0) return `${path}:${i + 1} - Syntax error: Unexpected '}' because no matching opening brace`;
  }
  return depth > 0 ? `${path}:${lines.length} - Syntax error: Unexpected EOF, expecting '}'` : undefined;
}
