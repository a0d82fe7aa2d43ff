import type { Step } from '../../sequence/step.ts';
import type { Draw } from '../draw.ts';
import type { Situation } from '../situation.ts';
import { freshName, imageNodes, isBusy, isOdd } from './candidates.ts';
import { command, offers, only } from './command.ts';

/**
 * NBD exports beside the arena's own. Nobody connects: a client within QEMU itself would hang it (10.0 and before), and
 * what it wrote below a mirror's filter would be lost by design.
 */
export function exports(draw: Draw, situation: Situation): Step[] | undefined {
  if (!situation.nbdServer) {
    const addr = { type: 'unix', data: { path: { newFile: freshName(situation, 'nbd', '.sock') } } };
    return only(command(draw, situation, 'nbd-server-start', { addr }));
  }
  if (draw.chance(0.2)) return removalInUse(draw, situation);
  // It would take the guest's way to its disk along.
  if (situation.arena.disks.every(({ frontend = 'none' }) => frontend === 'none') && draw.chance(0.15))
    return only(command(draw, situation, 'nbd-server-stop'));
  const exported = draw.anyOf(situation.exports);
  if (exported && draw.chance(0.5)) {
    return only(
      command(draw, situation, 'block-export-del', {
        id: exported.id,
        ...draw.sometimes(0.5, { mode: 'hard' }),
      }),
    );
  }
  const busy = (name: string): boolean => isBusy(situation, name) && !isOdd(draw, situation);
  const node = draw.anyOf(imageNodes(situation).filter(({ name }) => !busy(name)));
  if (!node) return undefined;
  const id = freshName(situation, 'e');
  const threads = situation.arena.iothreads ?? [];
  return only(
    command(draw, situation, 'block-export-add', {
      id,
      type: 'nbd',
      'node-name': node.name,
      name: id,
      writable: !node.readOnly && draw.chance(0.3),
      ...draw.sometimes(0.15, { writethrough: draw.chance(0.5) }),
      ...(offers(situation, 'block-export-add', 'allow-inactive')
        ? draw.sometimes(0.1, { 'allow-inactive': false })
        : {}),
      ...(threads[0] !== undefined && draw.chance(0.3)
        ? { iothread: threads[0], ...draw.sometimes(0.3, { 'fixed-iothread': false }) }
        : {}),
    }),
  );
}

/** Of a guest's export, but not by force: refused as long as the guest is connected. */
export function removalInUse(draw: Draw, situation: Situation): Step[] | undefined {
  const disk = draw.anyOf(situation.arena.disks.filter(({ frontend }) => frontend === 'nbd'));
  return (
    disk &&
    only(
      command(draw, situation, 'block-export-del', {
        id: `export-${disk.name}`,
        ...draw.sometimes(0.3, { mode: 'safe' }),
      }),
    )
  );
}
