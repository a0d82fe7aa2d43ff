import { constants, deflateRawSync } from 'node:zlib';
import type { Detail } from '../../page/model.ts';
import { limits } from '../limits.ts';

/** `lines`: base64, one a detail. `dictionary`: base64, what a browser unpacks before each of them, and so many bytes of it. */
export type Packed = {
  lines: string[];
  dictionary: string;
  dictionaryBytes: number;
  /** So many, the last ones, stand without their timelines and scripts. */
  cut: number;
};

/**
 * Details as raw deflates that can be unpacked one by one, and still share what most of them say: each begins where a
 * piece of one of them ended, which stands once, as `dictionary`. Where all are too much for one page, the last lose
 * their timelines.
 */
export function packedDetails(details: readonly Detail[]): Packed {
  const dictionary = details.length < 2 ? Buffer.alloc(0) : bestDictionary(details.map(bytesOf));
  const packedOf = (detail: Detail): string =>
    deflateRawSync(bytesOf(detail), { level: 9, ...(dictionary.length > 0 ? { dictionary } : {}) }).toString(
      'base64',
    );
  let sum = 0;
  let cut = 0;
  const lines = details.map((detail) => {
    const whole = packedOf(detail);
    if (details.length === 1 || sum + whole.length <= limits.pageBytesMax) {
      sum += whole.length;
      return whole;
    }
    cut++;
    const { timeline: _, ...rest } = detail;
    const less = packedOf({ ...rest, texts: [], notes: [...rest.notes, cutNote] });
    sum += less.length;
    return less;
  });
  const flushed = deflateRawSync(dictionary, { level: 9, finishFlush: constants.Z_SYNC_FLUSH });
  return { lines, dictionary: flushed.toString('base64'), dictionaryBytes: dictionary.length, cut };
}

const bytesOf = (detail: Detail): Buffer => Buffer.from(JSON.stringify(detail));

/** The end of that detail which makes a sample of them smallest: what findings have in common stands at their ends. */
function bestDictionary(details: readonly Buffer[]): Buffer {
  const sample = spread(details, 12).map((each) => each.subarray(-2 * windowBytes));
  const costOf = (dictionary: Buffer): number =>
    sample.reduce((sum, each) => sum + deflateRawSync(each, { level: 1, dictionary }).length, 0);
  const candidates = spread(details, 8).map((each) => each.subarray(-windowBytes));
  const costs = candidates.map(costOf);
  return candidates[costs.indexOf(Math.min(...costs))] ?? Buffer.alloc(0);
}

/** So many of a list, evenly. */
const spread = <T>(all: readonly T[], count: number): T[] =>
  all.filter((_, i) => i % Math.ceil(all.length / count) === 0);

/** What a deflate looks back at. */
const windowBytes = 32_768;

const cutNote =
  'Its timeline and scripts are left out, for the size of this page: give mirrorfuzz report this finding alone.';
