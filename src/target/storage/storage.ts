import type { Errno, Storage } from '../../sequence/arena.ts';
import type { Json, ServerState } from '../../sequence/step.ts';
import type { Network } from '../confine/network.ts';
import type { QemuTarget } from '../programs/binary.ts';

/** One kind of storage: what it needs, and how a server of it is opened. One file a kind; backends.ts lists them. */
export type Backend = {
  /** Its servers are reached by TCP: QEMU must run in the network that they run in. */
  needsNetwork: boolean;
  /** Whether what its servers are started with is there; whether they work is tried in trial.ts. */
  usable(target: QemuTarget): Promise<Usable>;
  /** Made once for a session; servers that serve many images start with the first. EnvironmentError: it does not start. */
  open(place: StoragePlace): Promise<OpenBackend>;
};

/** `lacks`: what is missing, in a clause ("tgtd is not installed"); `install`: the Debian package that brings it, if one does. */
export type Usable = { usable: true } | { usable: false; lacks: string; install?: string };

/** `dir`: an absolute path, the session's own, short enough for sockets; images lie below it. */
export type StoragePlace = { dir: string; target: QemuTarget; network: Network | undefined };

export type OpenBackend = {
  /** Device nodes that QEMU must be able to open, from its start on. */
  devices: readonly string[];
  /** Serves one image file, lengthened where its server can't let it grow (room-to-grow.ts). */
  serve(image: ImageToServe): Promise<Served>;
  /** Stops all servers; leaves no process, port, device or mount. */
  close(): Promise<void>;
  /** The same at once, and without waiting. */
  kill(): void;
};

export type ImageToServe = {
  /** The disk's: unique in a sequence. */
  name: string;
  /** The image file, absolute, below the session's directory. What QEMU writes has to be found in it at the end. */
  path: string;
  readOnly: boolean;
  options: Storage;
};

/** An image on its server. */
export type Served = {
  /** Options of the protocol node as `blockdev-add` takes them, `driver` among them, without `node-name`. */
  node: Record<string, Json>;
  /** The same as a file name, as `drive-mirror` takes it for its target. */
  url: string;
  /** Changes what is the matter with the server, and resolves when it is so. Any state may follow any other. */
  become(state: ServerState, errno?: Errno): Promise<Became>;
  /** Lets go of the image: whatever the server still held is in the file afterwards. Harmless a second time. */
  stop(): Promise<void>;
};

/** `refused`: this kind of server can't be like that, and says why. */
export type Became = { outcome: 'armed' } | { outcome: 'refused'; text: string };
