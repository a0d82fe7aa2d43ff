import type { JsonObject } from '../../sequence/json-object.ts';
import type { Step } from '../../sequence/step.ts';
import type { Draw } from '../draw.ts';
import type { Situation } from '../situation.ts';
import { drawSource, imageNodes, isBusy, isOdd } from './candidates.ts';
import { command, only } from './command.ts';

/** Dirty bitmaps of the user's, on nodes that jobs may use. */
export function bitmap(draw: Draw, situation: Situation): Step[] | undefined {
  const made = drawBitmapChange(draw, situation);
  return made && only(command(draw, situation, ...made));
}

/** The command's name and arguments, as a transaction wants them too. */
export function drawBitmapChange(draw: Draw, situation: Situation): [string, JsonObject] | undefined {
  const free = situation.bitmaps.filter(({ node }) => isOdd(draw, situation) || !isBusy(situation, node));
  const one = draw.anyOf(free);
  const add = addition(draw, situation);
  if (!one || (add && draw.chance(0.4))) return add;
  const named = { node: one.node, name: one.name };
  const verb = draw.oneOf(['remove', 'clear', 'clear', 'enable', 'disable', 'merge'] as const);
  if (verb !== 'merge') return [`block-dirty-bitmap-${verb}`, named];
  const other = draw.anyOf(free.filter(({ node, name }) => node === one.node && name !== one.name));
  return other && ['block-dirty-bitmap-merge', { node: one.node, target: one.name, bitmaps: [other.name] }];
}

function addition(draw: Draw, situation: Situation): [string, JsonObject] | undefined {
  const node = drawSource(draw, situation) ?? draw.anyOf(imageNodes(situation));
  if (!node) return undefined;
  const taken = situation.bitmaps.filter((each) => each.node === node.name).map(({ name }) => name);
  const name = ['bm0', 'bm1', 'bm2'].find((each) => !taken.includes(each));
  if (name === undefined) return undefined;
  const persistent = node.driver === 'qcow2' && !node.readOnly && draw.chance(0.3);
  return [
    'block-dirty-bitmap-add',
    {
      node: node.name,
      name,
      ...draw.sometimes(0.4, { granularity: draw.oneOf([512, 4096, 65_536, 2 ** 20]) }),
      ...(persistent ? { persistent: true } : {}),
      ...draw.sometimes(0.25, { disabled: draw.chance(0.8) }),
    },
  ];
}
