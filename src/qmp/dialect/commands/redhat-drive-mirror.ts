import type { Members } from '../members.ts';
import type { Args, Translate } from '../translation.ts';
import { startNamedAfterDevice } from './named-after-device.ts';

/** RHEL 6's monitor: "full:-f,device:B,target:s,mode:s?,format:s?,speed:o?". */
export const driveMirrorMembers: Members = {
  full: 'bool?',
  device: 'string',
  target: 'string',
  mode: 'string?',
  format: 'string?',
  speed: 'int?',
};

/** `__com.redhat_drive-mirror` is `drive-mirror`; `full` says what `sync` says today. */
export const redhatDriveMirror: Translate = (args, world) =>
  startNamedAfterDevice('drive-mirror', asDriveMirror(args), world);

/** Without `full` only the topmost image is copied; of a device without a backing image that is all. */
export function asDriveMirror({ full = false, ...others }: Args): Args {
  return { ...others, sync: full === true ? 'full' : full === false ? 'top' : full };
}
