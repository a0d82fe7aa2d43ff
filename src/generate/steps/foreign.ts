import type { FaultStep, QmpStep, Step } from '../../sequence/step.ts';
import type { Draw } from '../draw.ts';
import type { Situation } from '../situation.ts';
import { drawJob } from './candidates.ts';
import { command } from './command.ts';
import { control, setSpeed } from './control.ts';
import { query } from './query.ts';

/** Others than the one client of the monitor and the one guest: at the export, at the image file, at another monitor. */
export function foreign(draw: Draw, situation: Situation): Step[] | undefined {
  if (situation.suspended) return undefined;
  return draw.oneOf([stranger, stranger, stranger, opener, otherMonitor])(draw, situation);
}

function stranger(draw: Draw, { nodes }: Situation): Step[] | undefined {
  const exported = draw.anyOf(
    nodes.filter(
      ({ disk, frontend, origin }) => disk !== undefined && frontend === 'export' && origin === 'arena',
    ),
  );
  const does = draw.oneOf(['silent', 'half', 'vanish'] as const);
  return exported && [{ fault: 'stranger', disk: exported.name, does }];
}

function opener(draw: Draw, { arena }: Situation): Step[] | undefined {
  const disk = draw.anyOf(arena.disks.filter(({ storage = 'file' }) => storage === 'file'));
  return (
    disk && [{ fault: 'opener', disk: disk.name, ...(draw.chance(0.4) ? { shared: true as const } : {}) }]
  );
}

/** What somebody there says, and what is said here at the same time. */
function otherMonitor(draw: Draw, situation: Situation): Step[] | undefined {
  if (!drawJob(draw, situation, () => true)) return undefined;
  const said = Array.from({ length: draw.int(1, 3) }, () =>
    draw.oneOf([control, control, setSpeed, query])(draw, situation),
  ).flatMap((steps) => (steps ?? []).filter((step) => 'qmp' in step));
  if (said.length === 0) return undefined;
  const commands = said.map(({ qmp, args }) => (args ? { qmp, args } : { qmp }));
  const urgent = draw.chance(0.5) ? outOfBand(draw, situation) : [];
  const step: FaultStep = { fault: 'monitor', commands: [...commands, ...urgent] };
  const here = draw.chance(0.7) ? (draw.oneOf([control, query])(draw, situation) ?? []) : [];
  return [step, ...here];
}

/** Executed beside whatever the main loop does; of what may be, the one that harms nobody. */
const outOfBand = (draw: Draw, situation: Situation): (Pick<QmpStep, 'qmp' | 'args'> & { oob: true })[] => {
  const yank = command(draw, situation, 'yank', { instances: [] });
  return yank ? [{ qmp: 'yank', args: { instances: [] }, oob: true }] : [{ qmp: 'query-jobs', oob: true }];
};
