import type { Pass } from '../pass.ts';
import { passes } from '../passes.ts';
import { awaited } from './awaited.ts';
import { closing } from './closing.ts';
import { lowered } from './lowered.ts';
import { namedJobs } from './named-jobs.ts';
import { oneDisk } from './one-disk.ts';
import { ordinaryMeans } from './ordinary-means.ts';
import { usualValues } from './usual-values.ts';

/** What makes a minimal sequence believable, and after each change whatever makes it smaller without making it odder. */
export const readablePasses: readonly Pass[] = [
  closing,
  awaited,
  ordinaryMeans,
  oneDisk,
  namedJobs,
  usualValues,
  lowered,
  ...passes,
];
