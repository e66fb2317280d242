import { goJson } from '../../base/go-json.ts';
import { sha256 } from '../../base/hash.ts';

/** Hexadecimal digits that could spell words, and what stands for them. */
const SAFE: Record<string, string> = { '0': 'g', '1': 'h', '3': 'k', a: 'm', e: 't' };

/** The ten characters that --append-hash and kustomize put behind a name. Source: kubectl pkg/util/hash. */
export const contentHash = (content: Record<string, unknown>): string =>
  sha256(goJson(content, { sortKeys: true }))
    .slice(0, 10)
    .replace(/[013ae]/g, (digit) => SAFE[digit]!);
