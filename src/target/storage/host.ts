import { EnvironmentError, ofThing } from '../../errors.ts';
import { type StorageKind, storageKind } from '../../sequence/arena.ts';
import { serverOf, withServer } from '../../sequence/optional.ts';
import { type Network, openNetwork } from '../confine/network.ts';
import type { QemuTarget } from '../programs/binary.ts';
import { backends } from './backends.ts';
import type { ImageToServe, OpenBackend, Served } from './storage.ts';
import { nbdServerOf } from './usable.ts';

/** The storage servers of one session. They are there before its QEMU, which runs in their network. */
export type StorageHost = {
  kinds: readonly StorageKind[];
  network: Network | undefined;
  /** Device nodes that QEMU must see. */
  devices: readonly string[];
  serve(image: ImageToServe): Promise<Served>;
  close(): Promise<void>;
  kill(): void;
};

/** Makes ready for images of these kinds, and of the optional ones where it can. EnvironmentError: it can't for one that is no option. */
export async function openStorageHost(
  required: readonly StorageKind[],
  optional: readonly StorageKind[],
  { dir, target }: { dir: string; target: QemuTarget },
): Promise<StorageHost> {
  const wanted = [...new Set([...required, ...optional])].filter((kind) => kind !== 'file');
  let network: Network | undefined;
  const open = new Map<StorageKind, OpenBackend>();
  const kill = (): void => {
    for (const backend of open.values()) backend.kill();
    network?.kill();
  };
  for (const kind of wanted) {
    try {
      if (backendOf(kind).needsNetwork) network ??= await openNetwork();
      open.set(kind, await backendOf(kind).open({ dir, target, network }));
    } catch (error) {
      if (!required.includes(kind) && error instanceof EnvironmentError) continue;
      kill();
      throw error instanceof EnvironmentError ? ofThing(error, kind) : error;
    }
  }
  return {
    kinds: [...open.keys()],
    network,
    devices: [...open.values()].flatMap(({ devices }) => devices),
    async serve(image) {
      const kind = storageKind({ storage: image.options });
      const backend = open.get(kind);
      if (!backend) throw new EnvironmentError(`this session has no ${kind} storage`, `--storage ${kind}`);
      return backend.serve(await onOneServer(image, target));
    },
    async close() {
      await Promise.all([...open.values()].map((backend) => backend.close()));
      await network?.close();
    },
    kill,
  };
}

/** An NBD server that the sequence leaves open is one of QEMU's own that works here. */
async function onOneServer(image: ImageToServe, target: QemuTarget): Promise<ImageToServe> {
  if (serverOf({ storage: image.options }) !== 'nbd') return image;
  const server = await nbdServerOf(target);
  return server ? { ...image, options: withServer(image.options, server) } : image;
}

function backendOf(kind: StorageKind) {
  const backend = backends[kind];
  if (!backend)
    throw new EnvironmentError(`there is no ${kind} storage on this machine`, 'mirrorfuzz doctor');
  return backend;
}
