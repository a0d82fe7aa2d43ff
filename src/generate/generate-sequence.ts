import { cardOf } from '../qemu/cards.ts';
import type { Arena } from '../sequence/arena.ts';
import { asReference } from '../sequence/reference.ts';
import type { AfterClaim, Sequence } from '../sequence/sequence.ts';
import type { Json, Step } from '../sequence/step.ts';
import { hasServers, putOnServers } from './arenas/served.ts';
import type { Draw } from './draw.ts';
import { drawFlow } from './flows/flow.ts';
import { drawHabits } from './habits.ts';
import { limits } from './limits.ts';
import { drawSteps, startersOf, swarm } from './mix.ts';
import type { Property, Weights } from './property.ts';
import { after, type Binary, begin } from './situation.ts';
import { beforeJobs } from './steps/before-jobs.ts';
import { query } from './steps/query.ts';
import { startMirror } from './steps/start-mirror.ts';

/** A sequence that puts the property to the test on that binary; the same draws give the same sequence on any machine. */
export function generateSequence(property: Property, binary: Binary, draw: Draw): Sequence {
  const title = `${property.name} ${draw.int(0, 99_999)}`;
  if (property.make) return property.make(title, draw, binary);
  const flow = drawFlow(draw, binary, property.flows ?? []);
  const arena = flow ? flow.arena(draw, binary) : drawArena(property, binary, draw);
  const mix = swarm(weightsIn(arena, property), draw);
  const wanted = drawLength(draw);
  const steps: Step[] = [];
  let situation = begin(binary, arena, drawHabits(draw, property.habits));
  const add = (made: readonly Step[] = []): void => {
    for (const step of made) {
      steps.push(step);
      situation = after(situation, step);
    }
  };

  if (flow) {
    for (const part of flow.parts(draw, binary)) {
      if (situation.over) break;
      if (part === 'hole') fillHole();
      else add(part(draw, situation));
    }
    return whole();
  }
  if (draw.chance(limits.beforeJobsChance)) add(beforeJobs(draw, situation, property.steps.weights));
  else if (draw.chance(limits.preludeChance)) add(drawSteps(mix, draw, situation));
  for (let attempt = 0; attempt < limits.startAttempts && situation.usedJobIds.length === 0; attempt++)
    add(drawSteps(startersOf(mix), draw, situation) ?? startMirror(draw, situation));
  while (steps.length < wanted && !situation.over)
    add(drawSteps(mix, draw, situation) ?? query(draw, situation) ?? [{ pause: 1 }]);
  if (!situation.over) add(property.steps.ending?.(draw, situation));
  return whole();

  function fillHole(): void {
    for (let i = 0; i < limits.holeMax && !situation.over && draw.chance(limits.holeChance); i++)
      add(drawSteps(mix, draw, situation));
  }

  function whole(): Sequence {
    const reads = property.readsImages || (isWorthReading(property, steps) && draw.chance(limits.readChance));
    const claims = reads ? { after: imagesOf(arena, steps) } : {};
    return { schema: 1, title, arena, steps, ...claims };
  }
}

/** An error, a limit or several verbs had a part in it; and all that was done is known, not so after broken bytes. */
function isWorthReading({ steps: { weights } }: Property, steps: readonly Step[]): boolean {
  if (weights.raw || weights.malformed) return false;
  const verbs = steps.flatMap((step) => ('qmp' in step ? (cardOf(step.qmp)?.verb?.name ?? []) : []));
  return new Set(verbs).size > 1 || verbs.includes('set-speed') || steps.some((step) => 'fault' in step);
}

/** Now and then its images lie on servers, whatever the property is about. */
function drawArena(property: Property, binary: Binary, draw: Draw): Arena {
  const arena = property.arena(draw, binary);
  const wantsServers = binary.storage?.some((kind) => kind !== 'file') && !hasServers(arena);
  return wantsServers && draw.chance(limits.servedChance) ? putOnServers(draw, binary, arena) : arena;
}

const weightsIn = (arena: Arena, { steps }: Property): Weights =>
  hasServers(arena) ? { serverFault: limits.serverFaultWeight, ...steps.weights } : steps.weights;

function drawLength(draw: Draw): number {
  let length: number = limits.minSteps;
  while (length < limits.maxSteps && !draw.chance(limits.endChance)) length++;
  return length;
}

/** Every image that there may be at the end: the arena's, and those of disks and files made by steps. */
export function imagesOf(arena: Arena, steps: readonly Step[]): AfterClaim[] {
  const claims = new Map<string, AfterClaim>(arena.disks.map(({ name }) => [name, { content: name }]));
  for (const step of steps) if ('qmp' in step) visit(step.args ?? {}, step.args?.format);
  return [...claims.values()];

  function visit(value: Json, format: Json | undefined): void {
    const reference = asReference(value);
    if (reference?.kind === 'newDisk') claims.set(reference.disk, { content: reference.disk });
    else if (reference?.kind === 'newFile' && (format === 'raw' || format === 'qcow2'))
      claims.set(reference.file, { content: { file: reference.file, format } });
    else if (!reference && value !== null && typeof value === 'object') {
      const own = Array.isArray(value) ? undefined : value.format;
      for (const inner of Object.values(value)) visit(inner, own);
    }
  }
}
