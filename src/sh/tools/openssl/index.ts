import { fail, ok, type ToolContext, type ToolResult } from '../tool.ts';
import { showCertificate, verify } from './certificates.ts';
import { connect } from './client.ts';
import { digest, generate, isDigest, random, showKey } from './keys.ts';
import { req, signRequest } from './requests.ts';
import { type Words, wordsOf } from './words.ts';

type Command = (context: ToolContext, words: Words) => ToolResult;

const COMMANDS: Record<string, Command> = {
  version: () => ok('OpenSSL 3.0.13 30 Jan 2024 (Library: OpenSSL 3.0.13 30 Jan 2024)\n'),
  x509: (context, words) => (words.has('-req') ? signRequest : showCertificate)(context, words),
  verify: (context, { all }) => verify(context, all),
  genrsa: generate,
  genpkey: generate,
  rsa: showKey,
  pkey: showKey,
  req,
  rand: random,
  s_client: connect,
  dgst: (context, words) => {
    const name = words.all.map((word) => word.replace(/^-/, '')).find(isDigest) ?? 'sha256';
    return digest(context, name, wordsOf(words.all.filter((word) => word !== '-hex')));
  },
};

/** openssl: keys, requests, certificates and digests of RSA. */
export function openssl(context: ToolContext): ToolResult {
  const [command = '', ...words] = context.argv.slice(1);
  const run = COMMANDS[command];
  if (run) return run(context, wordsOf(words));
  if (isDigest(command)) return digest(context, command, wordsOf(words));
  const known = Object.keys(COMMANDS).sort().join(', ');
  return fail(`kubemu's openssl knows ${known}, not ${JSON.stringify(command)}\n`);
}
