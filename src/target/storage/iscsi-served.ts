import { truncateSync } from 'node:fs';
import type { Errno, Storage } from '../../sequence/arena.ts';
import type { Json, ServerState } from '../../sequence/step.ts';
import { lengthServed } from './room-to-grow.ts';
import type { ImageToServe, Served } from './storage.ts';
import { logicalUnit, startTgtd, type Tgtd, type TgtdPlan } from './tgtd.ts';

/** A server with room for one image, which stays for the next one. */
export type IscsiSlot = {
  isFree(): boolean;
  serve(image: ImageToServe): Promise<Served>;
  /** For good. */
  kill(): void;
  /** The same, and no write comes after. */
  close(): Promise<void>;
};

/** Its tgtd starts with the first image, and again where it was killed. */
export function openIscsiSlot(plan: TgtdPlan): IscsiSlot {
  let tgtd: Tgtd | undefined;
  let free = true;
  let closed = false;

  async function running(): Promise<Tgtd> {
    if (!tgtd || tgtd.isGone()) tgtd = await startTgtd(plan);
    if (closed) tgtd.kill();
    tgtd.resume();
    return tgtd;
  }

  function kill(): void {
    closed = true;
    tgtd?.kill();
  }

  async function end(): Promise<void> {
    tgtd?.kill();
    await tgtd?.exit;
  }

  async function become(image: ImageToServe, state: ServerState): Promise<void> {
    if (state === 'killed') return end();
    const server = await running();
    const readOnly = image.readOnly || state === 'read-only';
    await server.offer(state === 'removed' ? undefined : { path: image.path, readOnly });
    await server.fail(state === 'failing');
    if (state === 'cut') await server.disconnect();
    if (state === 'suspended') await server.suspend();
  }

  async function serve(image: ImageToServe): Promise<Served> {
    free = false;
    truncateSync(image.path, lengthServed(image.path));
    await become(image, 'well');
    let last: ServerState = 'well';
    let over = false;
    return {
      node: nodeOptions(plan, image.options),
      url: `iscsi://${portal(plan)}/${plan.targetName}/${logicalUnit}`,
      async become(state, errno = 'EIO') {
        const text = over ? 'the image is not served any more' : refusal(state, errno);
        if (text !== undefined) return { outcome: 'refused', text };
        last = state;
        await become(image, state);
        return { outcome: 'armed' };
      },
      async stop() {
        if (over) return;
        over = true;
        // A frozen server is of no use to the next image, and one that is gone starts with it.
        if (last === 'suspended' || last === 'killed') await end();
        else await become(image, 'removed').catch(end);
        free = true;
      },
    };
  }

  return {
    isFree: () => free,
    serve,
    kill,
    close() {
      kill();
      return end();
    },
  };
}

/** What tgt can't do. */
function refusal(state: ServerState, errno: Errno): string | undefined {
  if (state === 'slow') return 'an iSCSI server of tgt has no way of being slow';
  if (state === 'full') return 'an iSCSI server of tgt reports no full disk: it calls that a medium error';
  if (state === 'failing' && errno !== 'EIO')
    return `an iSCSI server of tgt answers a failed write by a medium error, which is EIO and never ${errno}`;
  return undefined;
}

function nodeOptions(plan: TgtdPlan, options: Storage): Record<string, Json> {
  const { timeoutSeconds } = typeof options === 'object' && 'iscsi' in options ? options.iscsi : {};
  return {
    driver: 'iscsi',
    transport: 'tcp',
    portal: portal(plan),
    target: plan.targetName,
    lun: logicalUnit,
    ...(timeoutSeconds === undefined ? {} : { timeout: timeoutSeconds }),
  };
}

const portal = ({ port }: TgtdPlan): string => `127.0.0.1:${port}`;
