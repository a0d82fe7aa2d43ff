import type { Step } from '../../../sequence/step.ts';
import type { ArenaMaker } from '../../arenas/arena-maker.ts';
import { chain } from '../../arenas/chain.ts';
import { layered } from '../../arenas/layered.ts';
import { guestWorkload } from '../../guest-workload.ts';
import type { Situation } from '../../situation.ts';
import { command, only } from '../../steps/command.ts';
import { armAnError } from '../../steps/faults.ts';
import { type Flow, type Part, sometimes } from '../flow.ts';
import { filled, startOne } from './start.ts';

/**
 * HMP's `commit`, of all overlays or of one drive: the monitor itself copies, and stands meanwhile. Over bases that are
 * shorter, longer, read-only or failing; beside a job, which keeps it out; and then a job goes on from what is left.
 */
export const commitAllRound: Flow = {
  name: 'commit all round',
  suits: ({ schema }) => schema.commands.has('human-monitor-command'),
  arena: (draw, binary) => overlaid(draw.int(2, 3), draw.chance(0.5))(draw, binary),
  parts: (draw) => [
    written,
    ...sometimes(draw, 0.4, armAnError),
    ...sometimes(draw, 0.2, begun),
    commit,
    lifted,
    looks,
    ...sometimes(draw, 0.5, written),
    commit,
    begun,
    looks,
    ...sometimes(draw, 0.5, commit),
  ],
};

const overlaid = (depth: number, isEven: boolean): ArenaMaker =>
  filled(isEven ? chain({ depth, guest: true }) : layered({ guest: true }));

const written: Part = (draw, situation) => {
  const disk = situation.arena.disks.find(({ frontend = 'none' }) => frontend !== 'none');
  if (!disk) return undefined;
  const where = { disk: disk.name, sizeBytes: disk.sizeBytes, requests: draw.int(1, 3) };
  return guestWorkload(draw, draw.oneOf(['whole-clusters', 'unaligned', 'tail']), where);
};

const begun: Part = (draw, situation) => startOne(draw, { ...situation, jobs: [] }, () => ({}));

const commit: Part = (draw, situation) => {
  const what = draw.oneOf(['all', 'all', ...drives(situation), 'nowhere']);
  return only(command(draw, situation, 'human-monitor-command', { 'command-line': `commit ${what}` }));
};

/** Those that have a name for the monitor (`driveId` of execute/arena/set-up.ts). */
const drives = ({ nodes }: Situation): string[] =>
  nodes.flatMap(({ frontend, disk }) =>
    frontend === 'drive' && disk !== undefined ? [`drive-${disk}`, `drive-${disk}`] : [],
  );

const lifted: Part = (_, { faulty }) => faulty.map((disk): Step => ({ fault: 'lift', disk }));

const looks: Part = (draw, situation) => only(command(draw, situation, 'query-block'));
