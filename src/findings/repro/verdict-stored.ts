import { imageFile } from './images.ts';
import type { PlannedStep } from './plan.ts';
import { json, quote } from './shell.ts';
import { type Case, imagesReleased, type ScriptVerdict } from './verdict.ts';

/** A dirty bitmap that is not in the image's file in the end, is still there, or was not stored in order; as `qemu-img info` lists it. */
export function storedVerdict({ facts, trace, at, plan: { sequence } }: Case): ScriptVerdict | undefined {
  const seen = trace[at];
  if (seen?.kind !== 'stored-bitmaps' || facts?.shape !== 'shown') return undefined;
  const disk = sequence.arena.disks.find(({ name }) => name === seen.image);
  if (!disk || facts.what !== 'stored bitmap') return undefined;
  const { bitmap, is } = facts;
  const listed = `[[ $info =~ \\{[^{}]*${quote(`"name": ${json(bitmap)}`)}[^{}]*\\} ]]`;
  const look = {
    lost: `${listed} || shows "bitmap ${bitmap} is not in the image"`,
    left: `! ${listed} || shows "bitmap ${bitmap} is still in the image"`,
    'in use': `! { ${listed} && [[ $BASH_REMATCH == *in-use* ]]; } || shows "bitmap ${bitmap} was not stored in order"`,
  }[is];
  // Where QEMU refuses the bitmap there is none to be lost.
  const makesIt = ({ actions: [first, ...more] }: PlannedStep): boolean =>
    more.length === 0 &&
    first?.do === 'qmp' &&
    first.wait &&
    first.name === 'block-dirty-bitmap-add' &&
    first.args.name === bitmap;
  return {
    after: (step) => (is === 'lost' && makesIt(step) ? [`[[ $reply == *'"return"'* ]] || absent`] : []),
    ends: 'jobs',
    ending: [
      ...(facts.stored === 'migration ended' ? [migrationEnded] : []),
      ...imagesReleased(sequence),
      `info=$(qemu-img info --output=json -f qcow2 ${imageFile(disk)} 2>&1) || cannot "$info"`,
      look,
      'absent',
    ],
  };
}

/** It fails in its own time, after the reply. */
const migrationEnded =
  'for _ in {1..100}; do qmp \'{"execute": "query-migrate"}\'; [[ $reply != *\'"status": "\'@(completed|failed|cancelled)\'"\'* ]] || break; sleep 0.1; done';
