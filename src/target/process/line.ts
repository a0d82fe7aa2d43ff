/** How a monitor is reached: a unix socket, or datagrams on the loopback of a network that is ours alone. */
export type LineKind = 'stream' | 'datagrams';

/** One end of a monitor, before QEMU has come to the other. */
export type Line = {
  /** QEMU's `--chardev`, with the id `monitor`. */
  chardev: string;
  wire: Promise<Wire>;
  /** Nobody else is waited for. */
  close(): void;
};

/** A monitor that QEMU is on. */
export type Wire = {
  write(bytes: string | Buffer): void;
  /** What came before is heard now; `closed` is called once, after all that QEMU has said. */
  hear(on: { data(bytes: Buffer): void; closed(): void }): void;
  /** To be called when QEMU's process has ended; resolves when all that it said has been heard. */
  ended(): Promise<void>;
  /** Nothing can be sent to QEMU any more. */
  isClosed(): boolean;
  /** Messages of QEMU that never arrived, since the start. */
  lost(): number;
  destroy(): void;
};
