import { statSync, watch } from 'node:fs';

/** How long one waits for an editor that writes in several steps, ms. */
const SETTLE = 100;

/** Resolves when one of the files or folders has changed. */
export function untilChanged(paths: readonly string[]): Promise<void> {
  return new Promise((done) => {
    const watchers = paths.map((path) =>
      watch(path, { recursive: statSync(path).isDirectory() }, () => {
        for (const watcher of watchers) watcher.close();
        setTimeout(done, SETTLE);
      }),
    );
  });
}
