import type { FaultStep } from '../../sequence/step.ts';
import { qemuImg } from '../../target/images/qemu-img.ts';
import type { Run } from '../run.ts';
import { type Armed, refused } from './inserted-node.ts';

/** Another process opens the image to read it, and has let go of it when the step is over. QEMU's lock may refuse it. */
export async function imageIsOpened(
  run: Run,
  { disk, shared }: Extract<FaultStep, { fault: 'opener' }>,
): Promise<Armed> {
  const placed = run.disks.get(disk);
  const { img } = run.session.target;
  if (!placed || !img) return refused('there is no such image, or no qemu-img');
  const {
    path,
    disk: { format },
  } = placed;
  const result = await qemuImg(img, ['info', ...(shared ? ['-U'] : []), '-f', format, path]);
  return result.code === 0 ? { outcome: 'armed' } : refused(result.error);
}
