/** Whether `a` must stand before `b`. */
type Less<T> = (a: T, b: T) => boolean;

/** So few items are sorted by insertion. */
const FEW = 12;
/** From so many on the pivot is a median of medians, and shifting one item far pays. */
const MANY = 50;
const MOST_SWAPS = 12;

/**
 * Sorts in place as Go's sort.Sort does (pdqsort): items of which none is less come into the very order in which Go leaves them,
 * which is not the one that they had.
 */
export function goSort<T>(items: T[], less: Less<T>): T[] {
  new PatternDefeatingSort(items, less).sort(0, items.length, bitLength(items.length));
  return items;
}

const bitLength = (value: number): number => 32 - Math.clz32(value);

type Hint = 'ascending' | 'descending' | undefined;

class PatternDefeatingSort<T> {
  constructor(
    private readonly items: T[],
    private readonly isLess: Less<T>,
  ) {}

  /** Sorts `from` up to, not including, `to`; after `limit` bad pivots as a heap. */
  sort(from: number, to: number, limit: number): void {
    let [start, end, left] = [from, to, limit];
    let [balanced, partitioned] = [true, true];
    for (;;) {
      const length = end - start;
      if (length <= FEW) return this.insertionSort(start, end);
      if (left === 0) return this.heapSort(start, end);
      if (!balanced) {
        this.breakPatterns(start, end);
        left--;
      }
      let { pivot, hint } = this.choosePivot(start, end);
      if (hint === 'descending') {
        this.reverse(start, end);
        pivot = end - 1 - (pivot - start);
        hint = 'ascending';
      }
      if (balanced && partitioned && hint === 'ascending' && this.nearlySorted(start, end)) return;
      if (start > 0 && !this.less(start - 1, pivot)) {
        start = this.partitionEqual(start, end, pivot);
        continue;
      }
      const { middle, already } = this.partition(start, end, pivot);
      partitioned = already;
      const [before, after] = [middle - start, end - middle];
      balanced = Math.min(before, after) >= Math.floor(length / 8);
      if (before < after) {
        this.sort(start, middle, left);
        start = middle + 1;
      } else {
        this.sort(middle + 1, end, left);
        end = middle;
      }
    }
  }

  private less(i: number, j: number): boolean {
    return this.isLess(this.items[i]!, this.items[j]!);
  }

  private swap(i: number, j: number): void {
    const { items } = this;
    [items[i], items[j]] = [items[j]!, items[i]!];
  }

  private insertionSort(start: number, end: number): void {
    for (let i = start + 1; i < end; i++) for (let j = i; j > start && this.less(j, j - 1); j--) this.swap(j, j - 1);
  }

  private heapSort(start: number, end: number): void {
    const size = end - start;
    for (let i = Math.floor((size - 1) / 2); i >= 0; i--) this.siftDown(i, size, start);
    for (let i = size - 1; i >= 0; i--) {
      this.swap(start, start + i);
      this.siftDown(0, i, start);
    }
  }

  private siftDown(from: number, size: number, start: number): void {
    for (let root = from; ; ) {
      let child = 2 * root + 1;
      if (child >= size) return;
      if (child + 1 < size && this.less(start + child, start + child + 1)) child++;
      if (!this.less(start + root, start + child)) return;
      this.swap(start + root, start + child);
      root = child;
    }
  }

  /** Scatters items about the middle, seeded with how many there are (xorshift). */
  private breakPatterns(start: number, end: number): void {
    const length = end - start;
    if (length < 8) return;
    let random = BigInt(length);
    const mask = (1n << BigInt(bitLength(length))) - 1n;
    const middle = start + Math.floor(length / 4) * 2;
    for (let i = 0; i < 3; i++) {
      random ^= BigInt.asUintN(64, random << 13n);
      random ^= random >> 7n;
      random ^= BigInt.asUintN(64, random << 17n);
      const other = Number(random & mask);
      this.swap(middle - 1 + i, start + (other >= length ? other - length : other));
    }
  }

  private choosePivot(start: number, end: number): { pivot: number; hint: Hint } {
    const length = end - start;
    const quarter = Math.floor(length / 4);
    const swaps = { count: 0 };
    const spot = (at: number) => (length >= MANY ? this.median(at - 1, at, at + 1, swaps) : at);
    const [i, j, k] = [spot(start + quarter), spot(start + quarter * 2), spot(start + quarter * 3)];
    const pivot = this.median(i, j, k, swaps);
    const hint = swaps.count === 0 ? 'ascending' : swaps.count === MOST_SWAPS ? 'descending' : undefined;
    return { pivot, hint };
  }

  private median(a: number, b: number, c: number, swaps: { count: number }): number {
    const ordered = (x: number, y: number): [number, number] => {
      if (!this.less(y, x)) return [x, y];
      swaps.count++;
      return [y, x];
    };
    const [low, high] = ordered(a, b);
    const [middle] = ordered(high, c);
    return ordered(low, middle)[1];
  }

  private reverse(start: number, end: number): void {
    for (let i = start, j = end - 1; i < j; i++, j--) this.swap(i, j);
  }

  /** Puts a few items right that stand wrong; tells whether all do then. */
  private nearlySorted(start: number, end: number): boolean {
    let i = start + 1;
    for (let step = 0; step < 5; step++) {
      while (i < end && !this.less(i, i - 1)) i++;
      if (i === end) return true;
      if (end - start < MANY) return false;
      this.swap(i, i - 1);
      if (i - start >= 2) for (let j = i - 1; j >= 1 && this.less(j, j - 1); j--) this.swap(j, j - 1);
      if (end - i >= 2) for (let j = i + 1; j < end && this.less(j, j - 1); j++) this.swap(j, j - 1);
    }
    return false;
  }

  /** What is less than the pivot before it, the rest behind it. */
  private partition(start: number, end: number, pivot: number): { middle: number; already: boolean } {
    this.swap(start, pivot);
    let [i, j] = [start + 1, end - 1];
    for (let already = true; ; already = false) {
      while (i <= j && this.less(i, start)) i++;
      while (i <= j && !this.less(j, start)) j--;
      if (i > j) {
        this.swap(j, start);
        return { middle: j, already };
      }
      this.swap(i++, j--);
    }
  }

  /** What equals the pivot first; gives where the greater ones begin. */
  private partitionEqual(start: number, end: number, pivot: number): number {
    this.swap(start, pivot);
    let [i, j] = [start + 1, end - 1];
    for (;;) {
      while (i <= j && !this.less(start, i)) i++;
      while (i <= j && this.less(start, j)) j--;
      if (i > j) return i;
      this.swap(i++, j--);
    }
  }
}
