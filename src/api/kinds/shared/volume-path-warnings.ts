import { goQuote } from '../../../base/go-quote.ts';
import type { Volume } from './volume-defaults.ts';

type Projection = NonNullable<NonNullable<Volume['projected']>['sources']>[number];

/** A path in a volume, and what of a projected volume puts it there. */
interface PathSource {
  path: string;
  source: string;
}

const pathsOf = (items: { path: string }[] | undefined, source = ''): PathSource[] =>
  (items ?? []).map(({ path }) => ({ path, source }));

const told = ({ path, source }: PathSource): string => goQuote(path) + (source && ` (${source})`);

const isBelow = (path: string, folder: string): boolean => `${path}/`.startsWith(`${folder}/`);

/** `"a/b" with "a"`: every path that is one with an earlier one, above or below it. */
function overlaps(paths: PathSource[]): string[] {
  const seen: PathSource[] = [];
  return paths.flatMap(({ path: given, source }) => {
    const own = { path: given.replace(/\/+$/, ''), source };
    const others =
      own.path === '' ? [] : seen.filter(({ path }) => path && (isBelow(path, own.path) || isBelow(own.path, path)));
    seen.push(own);
    return others.map((other) => `${told(own)} with ${told(other)}`);
  });
}

function projectedPaths({ configMap, secret, downwardAPI, serviceAccountToken }: Projection): PathSource[] | undefined {
  if (configMap?.items) return pathsOf(configMap.items, `ConfigMap ${goQuote(configMap.name ?? '')}`);
  if (secret?.items) return pathsOf(secret.items, `Secret ${goQuote(secret.name ?? '')}`);
  if (downwardAPI?.items) return pathsOf(downwardAPI.items, 'DownwardAPI');
  return serviceAccountToken && pathsOf([serviceAccountToken], 'ServiceAccountToken');
}

/** What is odd about the sources of a projected volume. */
function projectedWarnings(name: string, sources: Projection[]): string[] {
  const empty: string[] = [];
  // As in the real one, a source that names no paths counts as the one before it.
  let last: PathSource[] = [];
  const all = sources.flatMap((source) => {
    if (Object.keys(source).length === 0) {
      empty.push(`volume ${goQuote(name)} (Projected) has no sources provided`);
      return [];
    }
    last = projectedPaths(source) ?? last;
    return last;
  });
  return [...empty, ...describe(name, 'Projected', overlaps(all))];
}

const describe = (name: string, what: string, found: string[]): string[] =>
  found.map((overlap) => `volume ${goQuote(name)} (${what}): overlapping paths: ${overlap}`);

/** warningsForOverlappingVirtualPaths */
export const overlappingPathWarnings = (volumes: Volume[] | undefined): string[] =>
  (volumes ?? []).flatMap(({ name, configMap, secret, downwardAPI, projected }) => [
    ...describe(name, `ConfigMap ${goQuote(configMap?.name ?? '')}`, overlaps(pathsOf(configMap?.items))),
    ...describe(name, `Secret ${goQuote(secret?.secretName ?? '')}`, overlaps(pathsOf(secret?.items))),
    ...describe(name, 'DownwardAPI', overlaps(pathsOf(downwardAPI?.items))),
    ...projectedWarnings(name, projected?.sources ?? []),
  ]);
