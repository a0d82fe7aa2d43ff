import type { Tale } from '../tale.ts';
import { asOpenedTales } from './as-opened.ts';
import { bitmapTales } from './bitmaps.ts';
import { exportTales } from './exports.ts';
import { jobTales } from './jobs.ts';
import { listingTales } from './listings.ts';
import { nodeTales } from './nodes.ts';
import { sizeTales } from './sizes.ts';
import { transactionTales } from './transactions.ts';

/** What the block graph says of commands and queries. */
export const graphTales: readonly Tale[] = [
  ...nodeTales,
  ...jobTales,
  ...bitmapTales,
  ...exportTales,
  ...listingTales,
  ...transactionTales,
  ...sizeTales,
  ...asOpenedTales,
];
