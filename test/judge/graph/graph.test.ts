import { graphRules } from '../../../src/judge/graph.ts';
import { judgeTales } from '../rulings.ts';
import { bitmapTales } from './bitmaps.ts';
import { exportTales } from './exports.ts';
import { jobTales } from './jobs.ts';
import { listingTales } from './listings.ts';
import { nodeTales } from './nodes.ts';
import { transactionTales } from './transactions.ts';

judgeTales(graphRules, [
  ...nodeTales,
  ...jobTales,
  ...bitmapTales,
  ...exportTales,
  ...listingTales,
  ...transactionTales,
]);
