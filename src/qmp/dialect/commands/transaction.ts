import { isJsonObject } from '../../../sequence/json-object.ts';
import type { Dialect } from '../../../sequence/sequence.ts';
import { invalidParameter } from '../failures.ts';
import { misfit } from '../members.ts';
import {
  type Args,
  ask,
  type DeviceWorld,
  type Heard,
  type Move,
  refuse,
  type TranslatedAnswer,
} from '../translation.ts';
import { driveMirrorMembers, redhatDriveMirror } from './redhat-drive-mirror.ts';

/**
 * `transaction`, with the actions of that time. RHEL 6 took mirrors as actions, which no QEMU does today: one that
 * stands alone is as good as the command; beside others it can't be all or nothing, and is refused.
 */
export function* transaction(args: Args, world: DeviceWorld): Generator<Move, TranslatedAnswer, Heard> {
  const { dialect } = world;
  const actions = Array.isArray(args.actions) ? args.actions.filter(isJsonObject) : [];
  const foreign = actions.find(
    ({ type }) => typeof type === 'string' && !actionTypes[dialect].includes(type),
  );
  if (foreign) return yield* refuse(invalidParameter(dialect, `${foreign.type}`));
  if (!actions.some(({ type }) => type === mirror)) return yield* ask('transaction', args);
  if (actions.length > 1) return yield* refuse({ class: 'GenericError', desc: notAtomic });
  const data = actions[0]?.data;
  const mirrorArgs = isJsonObject(data) ? data : {};
  const wrong = misfit(mirrorArgs, driveMirrorMembers, dialect);
  return wrong ? yield* refuse(wrong) : yield* redhatDriveMirror(mirrorArgs, world);
}

const mirror = '__com.redhat_drive-mirror';
const notAtomic = `${mirror} can't be part of a larger transaction on this QEMU`;

const actionTypes: Record<Dialect, readonly string[]> = {
  rhel6: ['blockdev-snapshot-sync', mirror],
  rhel7: ['blockdev-snapshot-sync'],
};
