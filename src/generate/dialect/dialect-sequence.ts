import type { Disk } from '../../sequence/arena.ts';
import type { Sequence } from '../../sequence/sequence.ts';
import type { Step } from '../../sequence/step.ts';
import { drawFill, drawShape } from '../arenas/disk-shape.ts';
import type { Draw } from '../draw.ts';
import { imagesOf } from '../generate-sequence.ts';
import { limits } from '../limits.ts';
import type { Binary } from '../situation.ts';
import { badStep } from './bad-step.ts';
import { type DialectSession, verbs } from './verbs.ts';

/**
 * A session as a client of RHEL 6.3 or 7 had it: mirrors and streams of one device, named after it, with the commands
 * of that time, some of them wrong.
 */
export function dialectSequence(title: string, draw: Draw, binary: Binary): Sequence {
  const dialect = draw.oneOf(['rhel6', 'rhel6', 'rhel7'] as const);
  const disks = drawDisks(draw);
  const steps: Step[] = [];
  const session: DialectSession = {
    dialect,
    flavour: binary.flavour,
    disks,
    images: ['src'],
    files: 0,
    job: undefined,
  };
  while (
    steps.length < limits.minSteps ||
    !(draw.chance(limits.endChance) || steps.length >= limits.maxSteps)
  )
    steps.push(...(draw.chance(badChance) ? badStep(draw, session) : nextSteps(draw, session)));
  const arena = { disks };
  return { schema: 1, title, dialect, arena, steps, after: imagesOf(arena, steps) };
}

const badChance = 0.2;

function nextSteps(draw: Draw, session: DialectSession): Step[] {
  const choices = verbs.filter(({ fits }) => fits(session));
  const verb = draw.weighted(choices.map((each) => [each.weight, each] as const));
  return verb?.steps(draw, session) ?? [{ pause: 1 }];
}

/** The device, and an image that a mirror may find in its place. */
function drawDisks(draw: Draw): Disk[] {
  const shape = drawShape(draw);
  const frontend = draw.oneOf(['auto', 'auto', 'nbd'] as const);
  return [
    { name: 'src', ...shape, fill: drawFill(draw), frontend },
    {
      name: 'old',
      format: shape.format,
      sizeBytes: shape.sizeBytes,
      fill: draw.oneOf(['seeded', 'full']),
      open: false,
    },
  ];
}
