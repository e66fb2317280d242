import { Quantity } from '../../base/quantity.ts';

const CORE = 1000;
const MEBIBYTE = 1024 * 1024;
/** What stress takes of memory for each worker that is not told how much. */
const VM_BYTES = 256 * MEBIBYTE;

/** `150M` as stress means it: powers of 1024. */
const bytesOf = (text: string): number => {
  const [, number = '0', unit = ''] = /^(\d+)([bkmg]?)/i.exec(text) ?? [];
  return Number(number) * 1024 ** Math.max(0, ' kmg'.indexOf(unit.toLowerCase() || ' '));
};

/** What stress (its own, stress-ng's and vish/stress's options) keeps busy: thousandths of a core, and bytes. */
export function hogsOf(argv: string[]): { cpu: number; memory: number } {
  const option = (...names: string[]): string | undefined => {
    for (const [index, argument] of argv.entries()) {
      const [name, value] = argument.split('=');
      if (names.includes(name!)) return value ?? argv[index + 1];
    }
    return undefined;
  };
  const workers = Number(option('--vm', '-m') ?? 0);
  const total = option('-mem-total', '--mem-total');
  const each = option('--vm-bytes');
  return {
    cpu: Number(option('--cpu', '-c', '-cpus', '--cpus') ?? 0) * CORE,
    memory: total ? Quantity.parse(total).value() : workers * (each ? bytesOf(each) : VM_BYTES),
  };
}
