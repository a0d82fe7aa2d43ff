import { findExecutable } from '../programs/executable.ts';
import type { Program } from '../programs/program.ts';
import { bubblewrap } from './bubblewrap.ts';
import { type Confinement, confinement } from './confinement.ts';
import type { Enclosure } from './enclosure.ts';
import { namespaces } from './namespaces.ts';
import type { Network } from './network.ts';
import { guessReads } from './program-reads.ts';
import { limited } from './resource-limits.ts';

/** What QEMU reaches beyond its directory: the servers of this network, or the one we are in, and these device nodes. */
export type Reach = { network?: Network | 'ours'; devices?: readonly string[] };

/**
 * Wraps QEMU's command line so that hostile commands stay harmless: it sees the system's programs, what it is made of and
 * `dir`, and writes only there; there is no network but unix sockets, no capability, no process outside its own
 * namespace; memory, file size and descriptors are limited; and it dies at once with its parent. Where a machine allows
 * none of that, what remains is the limits and the death signal (confinement.ts says so).
 */
export function confine(
  program: Program,
  args: readonly string[],
  dir: string,
  { network, devices = [] }: Reach = {},
  how: Confinement = confinementOf(program),
): string[] {
  const command = limited(program, [...program.argv, ...args]);
  const { reads = guessReads(program), wide = false } = program.needs ?? {};
  const { writes = [] } = program;
  const hasNetwork = network !== undefined;
  const confined = enclosed(command, { dir, reads, writes, wide, devices, hasNetwork }, how);
  return network && network !== 'ours' ? network.enter(confined) : confined;
}

/** The best of this machine, unless the user wants none. */
export function confinementOf({ needs }: Program): Confinement {
  return needs?.unconfined ? 'none' : confinement();
}

function enclosed(command: readonly string[], enclosure: Enclosure, how: Confinement): string[] {
  switch (how) {
    case 'bubblewrap':
      return bubblewrap(command, enclosure);
    case 'namespaces':
      return namespaces(command, enclosure);
    case 'none':
      return findExecutable('setpriv')
        ? ['setpriv', '--pdeathsig', 'KILL', '--no-new-privs', '--', ...command]
        : [...command];
  }
}
