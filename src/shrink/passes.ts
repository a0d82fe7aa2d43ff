import type { Pass } from './pass.ts';
import { afterFailure } from './passes/after-failure.ts';
import { arenaMembers } from './passes/arena-members.ts';
import { claims } from './passes/claims.ts';
import { disks } from './passes/disks.ts';
import { jobNames } from './passes/job-names.ts';
import { members } from './passes/members.ts';
import { opposites } from './passes/opposites.ts';
import { raw } from './passes/raw.ts';
import { sizes } from './passes/sizes.ts';
import { steps } from './passes/steps.ts';
import { timing } from './passes/timing.ts';
import { unrelated } from './passes/unrelated.ts';
import { values } from './passes/values.ts';
import { workload } from './passes/workload.ts';

/** In this order, again and again until none of them finds anything. What drops most stands first. */
export const passes: readonly Pass[] = [
  afterFailure,
  unrelated,
  claims,
  workload,
  steps,
  opposites,
  disks,
  members,
  arenaMembers,
  sizes,
  values,
  raw,
  timing,
  jobNames,
];
