import { describe } from 'vitest';
import { integrity } from '../../../src/judge/integrity/integrity.ts';
import { judgeTales } from '../rulings.ts';
import { bitmapTales } from './bitmap-tales.ts';
import { chainTales } from './chain-tales.ts';
import { faultTales } from './fault-tales.ts';
import { filterTales } from './filter-tales.ts';
import { integrityTales } from './tales.ts';

describe('what disks and images hold', () =>
  judgeTales(integrity, [...integrityTales, ...filterTales, ...bitmapTales, ...chainTales, ...faultTales]));
