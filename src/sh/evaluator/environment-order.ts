type Flavour = 'busybox' | 'dash' | 'bash';

/** ash's and dash's `hashvar`: 39 buckets. */
function hashvar(name: string): number {
  let hash = name.charCodeAt(0) << 4;
  for (let at = 0; at < name.length; at++) hash += name.charCodeAt(at);
  return hash % 39;
}

/** bash's `hash_string` (FNV-1): 1024 buckets. */
function hashString(name: string): number {
  let hash = 2_166_136_261;
  for (let at = 0; at < name.length; at++) hash = Math.imul(hash, 16_777_619) ^ name.charCodeAt(at);
  return (hash >>> 0) & 1023;
}

const BUCKETS: Record<Flavour, (name: string) => number> = { busybox: hashvar, dash: hashvar, bash: hashString };

/** Variables in the order in which a shell hands them on: bucket by bucket of its hash table. */
export function asHandedOn<T>(flavour: Flavour, variables: [name: string, T][]): [name: string, T][] {
  const bucket = BUCKETS[flavour];
  return variables
    .map((variable) => ({ variable, at: bucket(variable[0]) }))
    .sort((a, b) => a.at - b.at)
    .map(({ variable }) => variable);
}
