/** How often a watch is told how far it came, ms. */
const EVERY = 60_000;
/** The last time is this long before it ends, ms. */
const BEFORE_END = 2000;

/** Says when a watch that asked for bookmarks gets one (cacheWatcher.nextBookmarkTime). */
export class Bookmarks {
  private sinceLast = 0;
  private last = false;

  constructor(private readonly wanted: boolean) {}

  /** Whether one is due now that `passed` ms went by and `left` ms are to go. */
  due(passed: number, left: number): boolean {
    if (!this.wanted) return false;
    this.sinceLast += passed;
    const ends = left <= BEFORE_END && !this.last;
    if (!ends && this.sinceLast < EVERY) return false;
    this.sinceLast = 0;
    this.last ||= ends;
    return true;
  }
}
