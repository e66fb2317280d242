import type { Socket } from '../../process.ts';

const PORTS: Record<string, number> = { ssh: 22, domain: 53, http: 80, https: 443, 'http-alt': 8080 };
const COMPARISONS: Record<string, ((a: number, b: number) => boolean) | undefined> = {
  '=': (a, b) => a === b,
  '==': (a, b) => a === b,
  eq: (a, b) => a === b,
  '!=': (a, b) => a !== b,
  ne: (a, b) => a !== b,
  neq: (a, b) => a !== b,
  '>=': (a, b) => a >= b,
  ge: (a, b) => a >= b,
  geq: (a, b) => a >= b,
  '<=': (a, b) => a <= b,
  le: (a, b) => a <= b,
  leq: (a, b) => a <= b,
  '>': (a, b) => a > b,
  gt: (a, b) => a > b,
  '<': (a, b) => a < b,
  lt: (a, b) => a < b,
};
/** States that what listens is in. */
const LISTENING = new Set(['listening', 'listen', 'all', 'unconnected']);

type Test = (socket: Socket) => boolean;

/** What `ss` is asked for behind its options: `state listening '( sport = :22 or sport = :ssh )'`. Throws Error for what is no filter. */
export function socketFilter(words: string[]): Test {
  const tokens = words.join(' ').replace(/[()]/g, ' $& ').split(/\s+/).filter(Boolean);
  let at = 0;
  const port = (text: string): number => {
    const own = text.slice(text.lastIndexOf(':') + 1);
    const number = PORTS[own] ?? Number(own);
    if (Number.isNaN(number)) throw new Error(`Error: an inet prefix is expected rather than "${text}".`);
    return number;
  };
  const one = (): Test => {
    const word = tokens[at++] ?? '';
    if (word === '(') {
      const inner = either();
      at++;
      return inner;
    }
    if (word === '!' || word === 'not') {
      const inner = one();
      return (socket) => !inner(socket);
    }
    if (word === 'state' || word === 'exclude') {
      const listens = LISTENING.has(tokens[at++] ?? '');
      return () => listens === (word === 'state');
    }
    if (word === 'sport' || word === 'dport') {
      const comparison = COMPARISONS[tokens[at] ?? ''];
      if (comparison) at++;
      const wanted = port(tokens[at++] ?? '');
      return (socket) => (comparison ?? COMPARISONS['=']!)(word === 'sport' ? socket.port : 0, wanted);
    }
    if (word === 'src' || word === 'dst') {
      if (Object.hasOwn(COMPARISONS, tokens[at] ?? '')) at++;
      const [, address = '', own] = /^(.*?)(?::(\w+))?$/.exec(tokens[at++] ?? '')!;
      return (socket) =>
        word === 'src' && (address === '' || socket.address === address) && (!own || socket.port === port(own));
    }
    throw new Error(`ss: bison bellows (while parsing filter): "syntax error!" Sorry.`);
  };
  const every = (): Test => {
    const tests = [one()];
    while (at < tokens.length && !/^(\)|or|\|\|?)$/.test(tokens[at]!)) {
      if (/^(and|&&?)$/.test(tokens[at]!)) at++;
      tests.push(one());
    }
    return (socket) => tests.every((test) => test(socket));
  };
  const either = (): Test => {
    const tests = [every()];
    while (/^(or|\|\|?)$/.test(tokens[at] ?? '')) {
      at++;
      tests.push(every());
    }
    return (socket) => tests.some((test) => test(socket));
  };
  return tokens.length === 0 ? () => true : either();
}
