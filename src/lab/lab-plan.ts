import type { HuntPlan } from '../campaign/hunt-plan.ts';
import type { Lease } from './campaign-record.ts';
import type { Campaign } from './messages.ts';

/** `programs` is empty at first: what workers offer goes there. `wanted`: labels, versions or keys of those that are asked for. */
export type LabPlan = Omit<HuntPlan, 'workers' | 'programs'> & {
  programs: HuntPlan['programs'][number][];
  wanted: readonly string[] | undefined;
  flavour: 'system' | 'daemon' | 'both';
  storage?: NonNullable<Campaign['storage']>;
  /** The right to coordinate, where whoever asks has it already. */
  lease?: Lease;
};
