import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { keepNews } from '../../../src/campaign/feedback/keep-news.ts';
import { edgeFeature } from '../../../src/campaign/feedback/novelty.ts';
import { huntDir } from '../../../src/corpus/keep.ts';
import type { Sequence } from '../../../src/sequence/sequence.ts';
import { temporaryDir } from '../../target/temporary.ts';

const sequence: Sequence = { schema: 1, title: 'a', arena: { disks: [] }, steps: [] };

/** The comments of what was kept of a sequence that showed that. */
function kept(...news: string[]): string[] {
  const dir = temporaryDir();
  expect(keepNews(dir, '10.0.13', sequence, news)).toBeUndefined();
  const of = huntDir(dir, '10.0.13');
  try {
    return readdirSync(of).map((name) => JSON.parse(readFileSync(join(of, name), 'utf8')).comment);
  } catch {
    return [];
  }
}

test('what reached new edges is kept, and named by their number', () => {
  const edges = [3, 65_535].map(edgeFeature);
  expect(kept(...edges)).toEqual(["kept: the first to show 2 edges of QEMU's code"]);
  expect(kept(edges[0]!, 'ready job-complete ok')).toEqual([
    "kept: the first to show ready job-complete ok; 1 edge of QEMU's code",
  ]);
});

test('events in another order alone are not kept', () => {
  expect(kept('point mirror_run x1', 'events created > running')).toEqual([]);
});
