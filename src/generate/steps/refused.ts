import { verbAllowed } from '../../model/job-machine.ts';
import { cardOf, type VerbName } from '../../qemu/cards.ts';
import type { JsonObject } from '../../sequence/json-object.ts';
import type { Step } from '../../sequence/step.ts';
import type { Draw } from '../draw.ts';
import { isInUse } from '../guess-graph.ts';
import type { Situation } from '../situation.ts';
import { deviceArgument, imageNodes } from './candidates.ts';
import { command, only } from './command.ts';
import { verbSteps } from './control.ts';

/** Well-formed, and yet to be refused: the wrong verb for a status, a job or node that is not there, or is taken. */
export function refused(draw: Draw, situation: Situation): Step[] | undefined {
  return draw.oneOf([
    wrongVerb,
    wrongVerb,
    wrongArgument,
    wrongArgument,
    unknownJob,
    takenId,
    busyNode,
    unknownNode,
    wrongSize,
  ])(draw, situation);
}

function wrongVerb(draw: Draw, situation: Situation): Step[] | undefined {
  const job = draw.anyOf(situation.jobs);
  const verbs = (
    ['pause', 'resume', 'cancel', 'complete', 'finalize', 'dismiss', 'set-speed'] as const
  ).filter((verb) => job && !isSensible(situation, verb, job.status));
  const verb = draw.anyOf(verbs);
  return job && verb && verbSteps(draw, situation, verb, job);
}

/** The verb table speaks of running and paused alike; whoever was not paused can't be resumed either. */
function isSensible(
  { binary }: Situation,
  verb: VerbName,
  status: Parameters<typeof verbAllowed>[1],
): boolean {
  const paused = status === 'paused' || status === 'standby';
  if (verb === 'resume') return paused;
  if (verb === 'pause' && paused) return false;
  return verbAllowed(verb, status, binary.version);
}

/** A mirror of which all is right but one argument: out of its range, or naming what is not there. */
function wrongArgument(draw: Draw, situation: Situation): Step[] | undefined {
  const source = draw.anyOf(imageNodes(situation));
  const target = draw.anyOf(imageNodes(situation).filter((node) => node !== source));
  if (!source || !target) return undefined;
  const wrong = draw.oneOf(wrongArguments);
  const args = { 'job-id': 'j7', device: deviceArgument(source), sync: 'full' };
  return draw.chance(0.7)
    ? only(command(draw, situation, 'blockdev-mirror', { ...args, target: target.name, ...wrong }))
    : only(
        command(draw, situation, 'drive-mirror', {
          ...args,
          target: { newFile: 'f7.qcow2' },
          format: 'qcow2',
          ...wrong,
        }),
      );
}

/** qapi/block-core.json, DriveMirror and blockdev-mirror, and what their handlers check. */
const wrongArguments: [JsonObject, ...JsonObject[]] = [
  { granularity: 256 },
  { granularity: 513 },
  { granularity: 2 ** 27 },
  { 'buf-size': -1 },
  { 'buf-size': -65_536 },
  { speed: -1 },
  { 'job-id': '7j' },
  { 'job-id': 'a job' },
  { sync: 'incremental' },
  { replaces: 'nowhere' },
  { 'filter-node-name': '#filter' },
  { device: 'nowhere' },
];

function unknownJob(draw: Draw, situation: Situation): Step[] | undefined {
  const name = draw.oneOf([
    'job-pause',
    'job-cancel',
    'block-job-cancel',
    'block-job-set-speed',
    'job-complete',
  ] as const);
  const id = draw.oneOf(['nobody', 'j9', 'src'] as const);
  const argument: JsonObject = { [cardOf(name)?.verb?.id ?? 'id']: id };
  return only(
    command(draw, situation, name, { ...argument, ...(name.endsWith('speed') ? { speed: 0 } : {}) }),
  );
}

function takenId(draw: Draw, situation: Situation): Step[] | undefined {
  const job = draw.anyOf(situation.jobs);
  const node = draw.anyOf(imageNodes(situation));
  if (!job || !node) return undefined;
  return only(command(draw, situation, 'block-stream', { 'job-id': job.id, device: deviceArgument(node) }));
}

function busyNode(draw: Draw, situation: Situation): Step[] | undefined {
  const node = draw.anyOf(situation.nodes.filter(({ name }) => isInUse(situation, name)));
  if (!node) return undefined;
  return draw.chance(0.6)
    ? only(command(draw, situation, 'blockdev-del', { 'node-name': node.name }))
    : only(
        command(draw, situation, 'block_resize', { 'node-name': node.name, size: node.sizeBytes + 65_536 }),
      );
}

function unknownNode(draw: Draw, situation: Situation): Step[] | undefined {
  const node = draw.anyOf(imageNodes(situation));
  if (!node) return undefined;
  const known = deviceArgument(node);
  const [device, target] = draw.chance(0.5) ? [known, 'nowhere'] : ['nowhere', known];
  const name = draw.oneOf(['blockdev-mirror', 'blockdev-backup'] as const);
  return only(command(draw, situation, name, { 'job-id': 'j9', device, target, sync: 'full' }));
}

/** Accepted, and then the job finds that it can't: that is told by its end. */
function wrongSize(draw: Draw, situation: Situation): Step[] | undefined {
  const [source, target] = [draw.anyOf(imageNodes(situation)), draw.anyOf(imageNodes(situation))];
  if (!source || !target || source.sizeBytes === target.sizeBytes) return undefined;
  return only(
    command(draw, situation, 'blockdev-mirror', {
      'job-id': 'j8',
      device: deviceArgument(source),
      target: target.name,
      sync: 'full',
    }),
  );
}
