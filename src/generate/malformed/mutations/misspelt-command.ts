import type { Mutation } from '../draft.ts';

/** A command that no QEMU has: misspelt, of another age or vendor, or of the human monitor. */
export const misspeltCommand: Mutation = {
  weight: 2,
  apply(draw, { command, args }) {
    const name = draw.oneOf([
      `${command}x`,
      command.slice(0, -1),
      command.toUpperCase(),
      command.replaceAll('-', '_'),
      ` ${command}`,
      `${command}\u0000`,
      `x-${command}`,
      `__com.redhat_${command}`,
      'drive_mirror',
      'block-job-explode',
      '',
      'x'.repeat(4096),
    ]);
    // `block_resize` spelt `block_resize` is no mistake.
    return { command: name === command ? `${command}-` : name, args };
  },
};
