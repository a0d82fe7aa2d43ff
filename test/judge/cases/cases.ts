import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { keptSchema } from '../../../src/execute/sessions/schema-store.ts';
import type { QmpSchema } from '../../../src/qmp/schema.ts';
import type { Trace } from '../../../src/trace/observation.ts';

const dir = join(import.meta.dirname, 'traces');

/** The rules that a version breaks in a case, and why that is right; a version that is not named breaks none. */
type Verdict = { why: string; broken: Readonly<Record<string, readonly string[]>> };

const silent = (why: string): Verdict => ({ why, broken: {} });

/**
 * Public bug reports as sequences (sequences/, whose comments name them), each carried out on four versions. A rule
 * speaks where the defect shows, and no rule does where it is mended.
 */
export const verdicts: Readonly<Record<string, Verdict>> = {
  'drive-backup-refused-in-transaction': {
    why: '5.2 leaves the disk in a drained section, so that nothing that drains it ends',
    broken: { '5.2.0': ['hang/command'] },
  },
  'guest-request-never-ends': {
    why: 'the same as the guest sees it',
    broken: { '5.2.0': ['hang/guest-request'] },
  },
  'mirror-above-a-filter-after-resize': {
    why: 'up to 10.1 a filter keeps the size that its child had when it was put there',
    broken: {
      '5.2.0': ['graph/filter-size'],
      '7.2.22': ['graph/filter-size'],
      '10.0.13': ['graph/filter-size'],
    },
  },
  'migrate-while-a-backup-runs': {
    why: '5.2 makes the image inactive under the job that writes it',
    broken: { '5.2.0': ['crash/signal'] },
  },
  'nbd-client-leaves-disk-in-iothread': {
    why: 'a fix of 7.2.x lacks the one that follows it',
    broken: { '7.2.22': ['crash/signal'] },
  },
  'snapshot-with-memory-then-mirror': {
    why: '10.0 does not activate again a node that no device uses',
    broken: { '10.0.13': ['graph/active-after-cont'] },
  },
  'stream-under-two-throttles': {
    why: 'a filter that is added to a disk whose device is in an iothread crashes all of them: the stream itself is not reached',
    broken: {
      '5.2.0': ['crash/signal'],
      '7.2.22': ['crash/signal'],
      '10.0.13': ['crash/signal'],
      '11.1.3': ['crash/signal'],
    },
  },
  'backing-format-of-streamed-overlay': silent(
    'without backing-mask-protocol the header may name the protocol driver below, as documented',
  ),
  'bitmap-after-a-kill': silent('a bitmap that was in use is inconsistent, refused, and can be removed'),
  'commit-in-a-loop-under-guest-io': silent('every commit is cancelled, and the guest is answered'),
  'commit-keeps-zeroes-sparse': silent('before 10.0.7 zeroes may be written out'),
  'fleecing-keeps-the-old-content': silent('the snapshot is what the disk was when the filter came'),
  'luks-target-made-by-libvirt': silent('the guest reads what it wrote, before and after the pivot'),
  'sparse-copy-stays-sparse': silent('before 10.1 a full copy may fill its target'),
  'stream-through-a-filter': silent('the base is free after the stream'),
  'two-nodes-one-file': silent("the second writer's lock is refused"),
};

export type Case = { name: string; version: string; trace: Trace; schema: QmpSchema | undefined };

/** scripts/record-cases.ts makes them. */
export function recordedCases(): Case[] {
  return readdirSync(dir).map((file): Case => {
    const [, name = '', version = ''] = /^([\w-]+)\.([\d.]+)\.json\.gz$/.exec(basename(file)) ?? [];
    const trace: Trace = JSON.parse(gunzipSync(readFileSync(join(dir, file))).toString());
    return { name, version, trace, schema: schemaOf(trace) };
  });
}

/** The binaries are those of the golden traces. */
function schemaOf([opened]: Trace): QmpSchema | undefined {
  const hash = opened?.kind === 'opened' ? opened.qemu.schema : undefined;
  return keptSchema(hash ?? '', [join(import.meta.dirname, '../../golden/traces/schemas')])?.schema;
}
