/** How many leaves of two values are the same, and how many differ. */
export interface Likeness {
  same: number;
  diff: number;
}

/** One step from a list to another: `=` nothing, `M` changed, `X` only in the first, `Y` only in the second. */
export type Edit = '=' | 'M' | 'X' | 'Y';

const isSimilar = ({ same, diff }: Likeness): boolean => same + 1 >= diff;
const zigzag = (step: number): number => (step & 1 ? ~step : step) >> 1;

/** The end of a path through the grid of both lists, and the edits that lead there. */
class Path {
  readonly edits: Edit[] = [];
  constructor(
    readonly direction: 1 | -1,
    public x: number,
    public y: number,
  ) {}

  append(edit: Edit): void {
    this.edits.push(edit);
    if (edit !== 'Y') this.x += this.direction;
    if (edit !== 'X') this.y += this.direction;
  }

  /** Goes on to a point that the path has not reached yet. */
  connect(x: number, y: number, compare: (x: number, y: number) => Likeness): void {
    const forward = this.direction > 0;
    const left = (): [number, number] => [Math.abs(x - this.x), Math.abs(y - this.y)];
    for (let [across, down] = left(); across > 0 && down > 0; [across, down] = left()) {
      const likeness = forward ? compare(this.x, this.y) : compare(this.x - 1, this.y - 1);
      if (likeness.diff === 0) this.append('=');
      else if (isSimilar(likeness)) this.append('M');
      else if (forward) this.append(across >= down ? 'X' : 'Y');
      else this.append(down >= across ? 'Y' : 'X');
    }
    while (this.x !== x) this.append('X');
    while (this.y !== y) this.append('Y');
  }
}

/** go-cmp's diff.Difference: greedy, from both ends in turn, the beginning first. */
export function editScript(lengthX: number, lengthY: number, compare: (x: number, y: number) => Likeness): Edit[] {
  const head = new Path(1, 0, 0);
  const tail = new Path(-1, lengthX, lengthY);
  const fore = { x: 0, y: 0 };
  const rear = { x: lengthX, y: lengthY };
  let budget = 4 * (lengthX + lengthY);

  const search = (path: Path, frontier: { x: number; y: number }): void => {
    const sign = path.direction;
    let stopped = false;
    let [above, below] = [false, false];
    for (let step = 0; !stopped && !(above && below) && budget > 0; step++) {
      const x = frontier.x + sign * zigzag(step);
      const y = frontier.y - sign * zigzag(step);
      if (sign > 0 ? x >= tail.x || y < head.y : head.x >= x || tail.y < y) above = true;
      else if (sign > 0 ? y >= tail.y || x < head.x : head.y >= y || tail.x < x) below = true;
      else if ((sign > 0 ? compare(x, y) : compare(x - 1, y - 1)).diff === 0) {
        path.connect(x, y, compare);
        path.append('=');
        const next = () => (sign > 0 ? compare(path.x, path.y) : compare(path.x - 1, path.y - 1));
        while (head.x < tail.x && head.y < tail.y && next().diff === 0) path.append('=');
        frontier.x = path.x;
        frontier.y = path.y;
        stopped = true;
      } else budget--;
    }
  };
  const isOver = () => fore.x >= rear.x || fore.y >= rear.y || budget === 0;

  while (!isOver()) {
    search(head, fore);
    if (tail.x - fore.x >= tail.y - fore.y) fore.x++;
    else fore.y++;
    if (isOver()) break;
    search(tail, rear);
    if (rear.x - head.x >= rear.y - head.y) rear.x--;
    else rear.y--;
  }
  head.connect(tail.x, tail.y, compare);
  return [...head.edits, ...tail.edits.reverse()];
}
