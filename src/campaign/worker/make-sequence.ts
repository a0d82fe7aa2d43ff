import { aim } from '../../generate/aim.ts';
import { drawFrom } from '../../generate/draw.ts';
import { mutate } from '../../generate/mutate.ts';
import type { Property } from '../../generate/property.ts';
import type { Binary } from '../../generate/situation.ts';
import { isCoherent } from '../../sequence/coherent.ts';
import { optionalIn } from '../../sequence/optional.ts';
import type { Sequence } from '../../sequence/sequence.ts';
import { type Mask, steerRound } from '../discoveries/mask.ts';
import { freshSequence } from '../dry-run.ts';
import type { RunTask } from './worker-messages.ts';

/** The sequence of a task: drawn, varied or aimed, then steered round known crashes. `masked`: how many times; `chance`: how often each mask is heeded. */
export function makeSequence(
  task: RunTask,
  property: Property,
  binary: Binary,
  masks: readonly Mask[],
  chance: (mask: Mask) => number,
): { sequence: Sequence; masked: number } {
  const varied = variant(task, property, binary);
  const isPossible = varied && isCoherent(varied) && !wantsLacking(varied, binary);
  const whole = isPossible ? varied : freshSequence(property, binary, task);
  // Replies and events can be judged all the same; the summary says that no image is.
  const { after, ...rest } = whole;
  const sequence = after && binary.without?.has('qemu-img') ? rest : whole;
  const steering = drawFrom(`mask ${task.seed}`);
  return steerRound(sequence, masks, (mask) => steering.chance(chance(mask)));
}

/** What it varies may come from another machine, or from before something was switched off. */
function wantsLacking(sequence: Sequence, { without, flavour }: Binary): boolean {
  return (
    (sequence.requires?.flavour ?? flavour) !== flavour ||
    optionalIn(sequence).some(
      (thing) => without?.has(thing) || (flavour === 'daemon' && thing.startsWith('device ')),
    )
  );
}

function variant({ origin, index, seed }: RunTask, property: Property, binary: Binary): Sequence | undefined {
  const title = `${property.name} ${index}`;
  switch (origin.from) {
    case 'property':
      return undefined;
    case 'parents':
      return { ...mutate(origin.parents, property, binary, drawFrom(seed)), title };
    case 'aim': {
      const aimed = aim(origin.to, property, binary, drawFrom(seed));
      return aimed && { ...aimed, title };
    }
  }
}
