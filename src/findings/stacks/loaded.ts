import { basename } from 'node:path';
import { cut, type Frame } from './stack.ts';

/** Where the files of a process lie in its memory. */
export type Loaded = readonly { from: bigint; to: bigint; base: bigint; file: string }[];

/** Of gdb's `info proc mappings`, or of /proc/PID/maps. */
export function readMappings(text: string): Loaded {
  const rows = text.split('\n').flatMap((line) => {
    const [, from, to, offset, file] =
      /^\s*0x([0-9a-f]+)\s+0x([0-9a-f]+)\s+0x[0-9a-f]+\s+0x([0-9a-f]+)\s.*?(\/.*)$/.exec(line) ??
      /^([0-9a-f]+)-([0-9a-f]+) \S+ ([0-9a-f]+) .*?(\/.*)$/.exec(line) ??
      [];
    if (from === undefined || to === undefined || file === undefined) return [];
    return [{ from: BigInt(`0x${from}`), to: BigInt(`0x${to}`), offset: BigInt(`0x${offset}`), file }];
  });
  return rows.map(({ from, to, file }) => {
    const first = rows.find((row) => row.file === file && row.offset === 0n);
    return { from, to, file, base: first?.from ?? from };
  });
}

/** The module and the offset of an address; undefined where no file is loaded there. */
export function place(loaded: Loaded, address: string): Pick<Frame, 'module' | 'offset'> | undefined {
  const at = BigInt(address);
  const found = loaded.find(({ from, to }) => at >= from && at < to);
  return found && { module: cut(basename(found.file)), offset: `0x${(at - found.base).toString(16)}` };
}

/** The file of QEMU's own program: the loader of a fetched one stands before it. */
export const programFile = (loaded: Loaded): string | undefined =>
  loaded.find(({ file }) => isProgram(basename(file)))?.file;

/** QEMU's own code: its program, and the modules that it loads. */
export const isProgram = (module: string): boolean => /^(qemu-|block-.*\.so$|accel-.*\.so$)/.test(module);
