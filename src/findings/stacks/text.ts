import { frameName } from './cause.ts';
import type { Frame, Part, Stack } from './stack.ts';

/** A stack as lines of text, the innermost frame first. Not escaped. */
export function stackText(stack: Stack): string[] {
  return [
    stack.said,
    ...stack.parts.flatMap((part) => [`${partHeads[part.of]}:`, ...part.frames.map(frameText)]),
  ];
}

/** `gdb, QEMU 7.2.22 (qemu-storage-daemon, build d9541fd6)`. */
export function stackHead({ by, qemu, build }: Stack): string {
  const program = qemu.flavour === 'system' ? 'qemu-system-x86_64' : 'qemu-storage-daemon';
  return `${by}, QEMU ${qemu.version} (${program}${build === undefined ? '' : `, build ${build.slice(0, 16)}`})`;
}

const partHeads: Record<Part['of'], string> = {
  died: 'the thread that died',
  'main thread': 'the main thread',
  'I/O thread': 'an I/O thread',
  access: 'accessed by',
  freed: 'freed by',
  allocated: 'allocated by',
};

function frameText(frame: Frame, i: number): string {
  const { function: name, source, module, offset } = frame;
  const at = source ?? (module === undefined ? '' : `${module}${offset === undefined ? '' : `+${offset}`}`);
  return `#${i}`.padEnd(4) + (name === undefined ? frameName(frame) : [name, at].filter(Boolean).join('  '));
}
