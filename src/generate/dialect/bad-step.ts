import { cards } from '../../qemu/cards.ts';
import { isAbsent } from '../../qmp/dialect/era.ts';
import type { Dialect } from '../../sequence/sequence.ts';
import type { Json, Step } from '../../sequence/step.ts';
import type { Draw } from '../draw.ts';
import type { DialectSession } from './verbs.ts';

/** A command that must be refused, and change nothing: it came later, or it lacks, exceeds or mistakes a member. */
export function badStep(draw: Draw, { dialect }: DialectSession): Step[] {
  const later = draw.chance(0.4) ? draw.anyOf(laterThan(dialect)) : undefined;
  if (later !== undefined) return [{ qmp: later, args: { id: 'drive-src' } }];
  const [qmp, args] = draw.oneOf(dialect === 'rhel6' ? ofRhel6 : ofRhel7);
  return [{ qmp, args: spoilt(draw, args) }];
}

const laterThan = (dialect: Dialect): string[] =>
  Object.keys(cards).filter((command) => isAbsent(dialect, command));

type Good = readonly [qmp: string, args: Record<string, Json>];
const device: Json = { disk: 'src' };
const mirror = { device, target: { newFile: 'bad.qcow2' }, format: 'qcow2' };

const ofRhel6: readonly [Good, ...Good[]] = [
  ['__com.redhat_drive-mirror', { ...mirror, full: true }],
  ['__com.redhat_drive-reopen', { device, 'new-image-file': { newFile: 'bad.qcow2' } }],
  ['block_job_set_speed', { device, value: 1024 }],
  ['block-job-cancel', { device }],
  ['block-stream', { device }],
];
const ofRhel7: readonly [Good, ...Good[]] = [
  ['drive-mirror', { ...mirror, sync: 'full' }],
  ['block-commit', { device, top: { newFile: 'bad.qcow2' } }],
  ['block-stream', { device }],
];

function spoilt(draw: Draw, args: Record<string, Json>): Record<string, Json> {
  const name = draw.oneOf(Object.keys(args) as [string, ...string[]]);
  switch (draw.oneOf(['lacking', 'exceeding', 'mistaken', 'unknown device'] as const)) {
    case 'lacking': {
      const { device: _, ...others } = args;
      return others;
    }
    case 'exceeding':
      return { ...args, [draw.oneOf(['job-id', 'auto-dismiss', 'x'] as const)]: 'x' };
    case 'mistaken':
      return { ...args, [name]: draw.oneOf<Json>([8.5, [], null]) };
    case 'unknown device':
      return { ...args, device: 'nowhere' };
  }
}
