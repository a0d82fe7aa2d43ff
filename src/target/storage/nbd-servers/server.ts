import type { Errno } from '../../../sequence/arena.ts';
import type { ServerState } from '../../../sequence/step.ts';
import type { QemuTarget } from '../../programs/binary.ts';
import type { Program } from '../../programs/program.ts';
import type { Usable } from '../storage.ts';

/** A program that serves one file by NBD, on a unix socket. */
export type NbdServer = {
  usable(target: QemuTarget | undefined): Usable;
  command(target: QemuTarget, served: FileServed): Program;
  /** States that it takes on by itself, while it runs, according to what stands in files that it looks at. */
  switches?(socket: string): readonly Switch[];
};

/** The path of an image file, absolute, and the socket's; a plain file of bytes whatever its format. */
export type FileServed = { path: string; socket: string; readOnly: boolean };

/** `off`: what the file holds where the server is well; absent: it is not there. */
export type Switch = { state: ServerState; errno?: Errno; file: string; on: string; off?: string };

/** What clients ask for. */
export const exportName = 'disk';
