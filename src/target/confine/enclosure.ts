/** What a confined command is shut into: `dir` is its own, `reads` it sees besides the system's programs and libraries. */
export type Enclosure = {
  dir: string;
  reads: readonly string[];
  /** Besides `dir`. */
  writes: readonly string[];
  /** It sees the whole host but the secrets. */
  wide: boolean;
  devices: readonly string[];
  /** It is in a network already that is not the host's. */
  hasNetwork: boolean;
};
