import { lookUp } from '../../resolver.ts';
import type { Reply } from '../../servers/redis/commands.ts';
import { decode } from '../../servers/redis/index.ts';
import { ERRORS } from '../network/failures.ts';
import { fail, linesOf, ok, parseOptions, type Tool } from '../tool.ts';

/** A reply as redis-cli shows it on a terminal. */
function formatted(reply: Reply, indent = ''): string {
  if (reply === null) return '(nil)';
  if (typeof reply === 'number') return `(integer) ${reply}`;
  if (typeof reply === 'string') return JSON.stringify(reply);
  if (Array.isArray(reply)) {
    if (reply.length === 0) return '(empty array)';
    const width = String(reply.length).length;
    return reply
      .map((item, index) => {
        const number = `${String(index + 1).padStart(width)}) `;
        return `${index === 0 ? '' : indent}${number}${formatted(item, indent + ' '.repeat(number.length))}`;
      })
      .join('\n');
  }
  return 'error' in reply ? `(error) ${reply.error}` : reply.status;
}

/** What a pipe gets. */
function raw(reply: Reply): string {
  if (reply === null) return '';
  if (Array.isArray(reply)) return reply.map(raw).join('\n');
  if (typeof reply === 'object') return 'error' in reply ? reply.error : reply.status;
  return String(reply);
}

const quoted = (word: string) => (/[\s"']/.test(word) || word === '' ? JSON.stringify(word) : word);

/** `redis-cli [-h HOST] [-p PORT] [-a PASSWORD] [COMMAND …]`; without a command the lines of its input are commands. */
export const redisCli: Tool = (context) => {
  const options = parseOptions(
    context,
    'h:p:a:n:u:ci:r:',
    ['raw', 'no-auth-warning', 'version', 'no-raw', 'pass:', 'user:', 'scan', 'pattern:', 'bigkeys', 'stat'],
    true,
  );
  if (options.has('version')) return ok(`redis-cli ${context.env.REDIS_VERSION ?? '7.4.5'}\n`);
  const host = options.value('h') ?? '127.0.0.1';
  const port = Number(options.value('p') ?? 6379);
  const password = options.value('a', 'pass') ?? context.env.REDISCLI_AUTH;
  const warning =
    options.has('a', 'pass') && !options.has('no-auth-warning')
      ? "Warning: Using a password with '-a' or '-u' option on the command line interface may not be safe.\n"
      : '';
  const found = lookUp(context.machine, host);
  if ('failure' in found)
    return {
      ...fail(`Could not connect to Redis at ${host}:${port}: Name or service not known\n`),
      ...(found.after > 0 && { after: found.after }),
    };
  const lines =
    options.rest.length > 0
      ? [options.rest.map(quoted).join(' ')]
      : linesOf(context.stdin).filter((line) => line.trim() !== '');
  const sent = [...(password ? [`AUTH ${quoted(password)}`] : []), ...lines].map((line) => `${line}\r\n`).join('');
  const answer = context.machine.network.talk(found.addresses[0]!, port, sent);
  if ('failure' in answer)
    return fail(`Could not connect to Redis at ${host}:${port}: ${ERRORS[answer.failure as keyof typeof ERRORS]}\n`);
  const replies: Reply[] = [];
  for (let rest = answer.text; rest !== ''; ) {
    const next = decode(rest);
    if (!next) break;
    replies.push(next.reply);
    rest = next.rest;
  }
  const shown = password ? replies.slice(1) : replies;
  const pretty = (context.columns !== undefined && !options.has('raw')) || options.has('no-raw');
  const text = shown.map((reply) => `${pretty ? formatted(reply) : raw(reply)}\n`).join('');
  return { ...ok(text), stderr: warning };
};
