import { type Feature, someDisk } from './feature.ts';

/** Backing chains and image formats. */
export const chains: readonly Feature[] = [
  someDisk('a backing file', ({ backing }) => backing !== undefined),
  someDisk('a backing file of another size', ({ backing, sizeBytes }, all) =>
    all.some((other) => other.name === backing && other.sizeBytes !== sizeBytes),
  ),
  someDisk('a backing file of other clusters', ({ backing, clusterBytes = 65_536 }, all) =>
    all.some((other) => other.name === backing && (other.clusterBytes ?? 65_536) !== clusterBytes),
  ),
  someDisk(
    'a base of two disks',
    ({ name }, all) => all.filter(({ backing }) => backing === name).length > 1,
  ),
];
