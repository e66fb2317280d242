import { readAsset } from '../base/assets.ts';
import { formatTime } from '../base/time.ts';
import type { MemoryState } from '../store/state.ts';
import { parseState } from '../store/state-format.ts';

/** When the clusters of the templates were handed over: scripts/build.mjs makes them so. */
const TEMPLATE_EPOCH = Date.UTC(2026, 0, 1);
/** What is within this of the epoch is a time of the cluster's, ms. */
const NEAR = 24 * 3_600_000;

/**
 * A cluster of that preset as it was at rest when this program was built, moved in time to `epoch`: making it anew would cost
 * ten times as much. False if there is no such template.
 */
export function loadTemplate(state: MemoryState, preset: string, epoch: number): boolean {
  const path = `dist/data/templates/${preset}.json`;
  let text: string;
  try {
    text = readAsset(path);
  } catch {
    return false;
  }
  parseState(shiftTimes(text, epoch - TEMPLATE_EPOCH), path, state);
  return true;
}

/** Moves every time in a state file: RFC 3339 texts (whose fractions stay) and milliseconds since the epoch. */
function shiftTimes(text: string, by: number): string {
  const seconds = Math.floor(by / 1000) * 1000;
  const known = new Map<string, string>();
  return text
    .replace(/\b20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d/g, (time) => {
      let shifted = known.get(time);
      if (shifted === undefined) {
        shifted = formatTime(Date.parse(`${time}Z`) + seconds).slice(0, -1);
        known.set(time, shifted);
      }
      return shifted;
    })
    .replace(/\b0?1[67]\d{11}\b/g, (digits) => {
      const time = Number(digits);
      return Math.abs(time - TEMPLATE_EPOCH) > NEAR ? digits : String(time + seconds).padStart(digits.length, '0');
    });
}
