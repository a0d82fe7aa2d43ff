/** Decisions of sequence/, each with its reason. */
export const limits = {
  /** Grain of a seeded disk: qcow2's default cluster, so that a run is one cluster there. */
  seededClusterBytes: 64 * 2 ** 10,
  /** Content of a seeded disk: 4 MiB is placed in some 1.5 ms, and a sparse 1 GiB disk stays sparse. */
  seededBytesMax: 4 * 2 ** 20,
  /** SeaBIOS boots no disk of less than a cylinder: 16 heads, 63 sectors of 512 bytes. */
  bootableBytesMin: 16 * 63 * 512,
} as const;
