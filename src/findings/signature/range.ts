/** Where qemu-img compare says that two images differ: only the beginning is known. */
export function imageRange(said: string): string | undefined {
  const offset = /\boffset (\d+)/.exec(said)?.[1];
  if (offset === undefined) return undefined;
  return Number(offset) < clusterBytes ? 'from the first cluster on' : 'from later on';
}

/** qcow2's default, which is also the grain of seeded disks. */
const clusterBytes = 65_536;
