import { type Arena, type Disk, deviceOf } from '../sequence/arena.ts';
import type { Flavour } from '../trace/observation.ts';
import type { GuessedNode } from './guesses.ts';

/** The nodes that set-up makes, named as execute/nodes.ts names them, and whether some disk is exported. */
export function arenaNodes(arena: Arena, flavour: Flavour): { nodes: GuessedNode[]; exported: boolean } {
  const open = arena.disks.filter((disk) => disk.open !== false);
  const isExported = (disk: Disk): boolean =>
    deviceOf(disk) === undefined && frontendOf(disk, flavour) === 'export';
  return { nodes: open.flatMap((disk) => diskNodes(disk, flavour)), exported: open.some(isExported) };
}

/** A disk's file node, its layers, and its format node on top of them. */
export function diskNodes(disk: Disk, flavour: Flavour): GuessedNode[] {
  const { name, sizeBytes, backing, readOnly = false } = disk;
  const frontend = frontendOf(disk, flavour);
  const common = {
    sizeBytes,
    readOnly,
    hasContent: false,
    backing: undefined,
    frontend: 'none',
    origin: 'arena',
  } as const;
  const hasContent = backing !== undefined || (disk.fill ?? 'empty') !== 'empty';
  const format = { ...common, hasContent, name, disk: name, driver: disk.format, frontend, backing };
  if (frontend === 'drive') return [{ ...format, children: [] }]; // what lies below is the drive's own
  const layers = [...(disk.layers ?? [])].reverse().flatMap((layer) => Object.keys(layer));
  const below = ['file', ...layers].map((driver, at, all): GuessedNode => {
    const child = all[at - 1];
    return {
      ...common,
      name: `${name}-${driver}`,
      disk: undefined,
      driver,
      children: child ? [`${name}-${child}`] : [],
    };
  });
  const top = below.at(-1)?.name ?? '';
  return [...below, { ...format, children: backing === undefined ? [top] : [top, backing] }];
}

function frontendOf({ frontend = 'none', legacyDrive }: Disk, flavour: Flavour): GuessedNode['frontend'] {
  if (frontend === 'auto') return flavour === 'system' ? 'drive' : 'export';
  // A device holds its node as an export does, and moves with a pivot as one does.
  if (deviceOf({ frontend })) return legacyDrive ? 'drive' : 'export';
  return frontend === 'drive' || frontend === 'none' ? frontend : 'export';
}
