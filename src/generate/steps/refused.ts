import type { JsonObject } from '../../sequence/json-object.ts';
import type { Step } from '../../sequence/step.ts';
import type { Draw } from '../draw.ts';
import { isInUse } from '../guess-graph.ts';
import { spellingsOfVerbs, uselessVerbs, verbArguments } from '../job-verbs.ts';
import type { Situation } from '../situation.ts';
import { deviceArgument, freshName, imageNodes } from './candidates.ts';
import { command, hasDriver, only } from './command.ts';
import { verbSteps } from './control.ts';
import { wrongArguments } from './wrong-arguments.ts';

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
    wrongOverlay,
    wrongFormat,
  ])(draw, situation);
}

function wrongVerb(draw: Draw, situation: Situation): Step[] | undefined {
  const job = draw.anyOf(situation.jobs);
  const verb = job && draw.anyOf(uselessVerbs(situation, job.status));
  return verb && verbSteps(draw, situation, verb, job);
}

/** A mirror of which all is right but one argument: out of its range, or naming what is not there. */
function wrongArgument(draw: Draw, situation: Situation): Step[] | undefined {
  const source = draw.anyOf(imageNodes(situation));
  const target = draw.anyOf(imageNodes(situation).filter((node) => node !== source));
  if (!source || !target) return undefined;
  const args = { 'job-id': 'j7', device: deviceArgument(source), sync: 'full' };
  const [name, right]: [string, JsonObject] = draw.chance(0.7)
    ? ['blockdev-mirror', { ...args, target: target.name }]
    : ['drive-mirror', { ...args, target: { newFile: 'f7.qcow2' }, format: 'qcow2' }];
  return only(command(draw, situation, name, { ...right, ...draw.anyOf(wrongArguments(name)) }));
}

function unknownJob(draw: Draw, situation: Situation): Step[] | undefined {
  const id = draw.oneOf(['nobody', 'j9', 'src'] as const);
  const found = draw.anyOf(spellingsOfVerbs);
  return found && only(command(draw, situation, found.command, verbArguments(found, id)));
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

/** Accepted, and then the job finds that it can't: its end says so. */
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

/** An image is opened as what it is not. */
function wrongFormat(draw: Draw, situation: Situation): Step[] | undefined {
  const node = draw.anyOf(
    imageNodes(situation).filter(({ name, disk }) => disk !== undefined && !isInUse(situation, name)),
  );
  const driver = draw.oneOf(['bochs', 'parallels', 'vhdx', 'vpc'] as const);
  if (!node || !hasDriver(situation.binary, driver)) return undefined;
  const name = freshName(situation, 'x');
  return only(command(draw, situation, 'blockdev-add', { driver, 'node-name': name, file: node.name }));
}

/** An overlay that has a backing file already, can have none, is in use or a filter; a name that is taken. */
function wrongOverlay(draw: Draw, situation: Situation): Step[] | undefined {
  const node = draw.anyOf(imageNodes(situation));
  const other = draw.anyOf(situation.nodes.filter((each) => each !== node));
  if (!node || !other) return undefined;
  const [name, args] = draw.oneOf<[string, JsonObject]>([
    ['blockdev-snapshot', { node: node.name, overlay: other.name }],
    ['blockdev-snapshot', { node: node.name, overlay: node.name }],
    [
      'blockdev-snapshot-sync',
      {
        'node-name': node.name,
        'snapshot-file': { newFile: freshName(situation, 's', '.qcow2') },
        'snapshot-node-name': other.name,
      },
    ],
    [
      'blockdev-snapshot-sync',
      { 'node-name': node.name, 'snapshot-file': { path: node.disk ?? 'src' }, mode: 'existing' },
    ],
  ]);
  return only(command(draw, situation, name, args));
}
