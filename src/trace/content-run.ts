/**
 * What lies in a stretch of a disk, as far as its bytes show. `src:0` is the initial content of disk src, `src:7` what
 * the guest's request 7 wrote there; `src:7@-3` the same, three sectors before its place. `byte:65` is one byte
 * repeated; `boot` is the guest's boot sector, which lies in the first sector of disks; `unknown:…` begins with these bytes, in hexadecimal, and is nobody's.
 */
export type Origin =
  | 'zero'
  | 'boot'
  | `byte:${number}`
  | `${string}:${number}`
  | `${string}:${number}@${string}`
  | `unknown:${string}`;

/** [offset, length] in bytes, and the origin. Lists of runs are sorted, whole, and neighbours differ. */
export type ContentRun = [offsetBytes: number, lengthBytes: number, origin: Origin];
