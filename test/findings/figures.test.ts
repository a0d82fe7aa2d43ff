import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { writeBinDir as binDir } from '../../src/target/programs/bin-dir.ts';
import { programNames } from '../../src/target/programs/program.ts';
import type { Trace } from '../../src/trace/observation.ts';
import { asPlace } from '../../src/trace/place.ts';
import { driving, type Part } from '../execute/driving.ts';
import { oneQemu } from '../real/qemus.ts';
import { script } from '../target/fake-qemu.ts';
import { temporaryDir } from '../target/temporary.ts';
import { figure, shownWith } from './facts.ts';
import { ruleNamed } from './found.ts';
import { ran, scriptOf } from './scripts.ts';

const args = { 'job-id': 'j0', device: { disk: 'src' }, target: { newDisk: 'dst' }, sync: 'full' };
const mirror: Part = {
  disks: [{ name: 'src', format: 'raw', sizeBytes: 2 ** 20, fill: 'seeded' }],
  steps: [
    { qmp: 'blockdev-mirror', args },
    { await: 'READY', job: '#0' },
    { qmp: 'job-pause', args: { id: '#0' } },
    { qmp: 'query-block-jobs' },
    { qmp: 'query-block-jobs' },
    { qmp: 'job-resume', args: { id: '#0' } },
    { qmp: 'job-complete', args: { id: '#0' } },
    { await: 'gone', job: '#0' },
  ],
};
const paused: Part = {
  ...mirror,
  steps: [
    { qmp: 'blockdev-mirror', args: { ...args, speed: 1 } },
    { qmp: 'job-pause', args: { id: '#0' } },
    { await: 'paused', job: '#0' },
    { qmp: 'query-block-jobs' },
    { qmp: 'query-block-jobs' },
    { qmp: 'job-cancel', args: { id: '#0' } },
  ],
};
/** The second line with these words is told otherwise. */
const second = (words: string, edit: string): string => `/${words}/{x;s/^/x/;/^xx$/{x;${edit};b};x}`;

const failing: Part = {
  disks: [
    {
      name: 'src',
      format: 'raw',
      sizeBytes: 2 ** 20,
      fill: 'seeded',
      layers: [{ blkdebug: [{ event: 'read_aio', errno: 'EIO', once: true }] }],
    },
  ],
  steps: [],
};
const started = (policy: string): Part['steps'] => [
  { qmp: 'blockdev-mirror', args: { ...args, 'on-source-error': policy, 'auto-dismiss': false } },
];
const stopped: Part = {
  ...failing,
  steps: [...started('stop'), { await: 'paused', job: '#0' }, { qmp: 'query-block-jobs' }],
};
const failed: Part = {
  ...failing,
  steps: [...started('report'), { await: 'concluded', job: '#0' }, { qmp: 'query-jobs' }],
};

const target = oneQemu();

describe.runIf(target?.daemon)('a script finds figures that can’t be', () => {
  if (!target) return;
  const { run } = driving({ target, flavour: 'daemon' });

  test.each([
    [
      'state/progress-bounds',
      figure({ is: 'beyond', offset: 6, len: 5 }),
      mirror,
      '/BLOCK_JOB_COMPLETED/s/"len": [0-9]+/"len": 5/',
    ],
    [
      'state/progress-grows',
      figure({ is: 'went back', before: 9, offset: 5 }),
      mirror,
      '/BLOCK_JOB_COMPLETED/s/"offset": [0-9]+/"offset": 5/',
    ],
    [
      'state/len-kept',
      figure({ is: 'len shrank', before: 2 ** 20, len: 5, grainBytes: 65_536 }),
      mirror,
      '/BLOCK_JOB_COMPLETED/s/"len": [0-9]+/"len": 5/',
    ],
    [
      'state/ready-at-len',
      figure({ is: 'ready early', offset: 5, len: 9 }),
      mirror,
      '/BLOCK_JOB_READY/s/"offset": [0-9]+/"offset": 5/',
    ],
    [
      'state/paused-stands-still',
      figure({ is: 'moved while paused', before: 9, offset: 5 }),
      paused,
      second('"return": \\[\\{"auto', 's/"offset": [0-9]+/"offset": 5/'),
    ],
    [
      'state/event-fields',
      figure({ is: 'wrong speed', speed: 9, set: [0] }),
      mirror,
      '/"return": \\[\\{"auto/s/"speed": 0/"speed": 9/',
    ],
    ['state/speed-limit', figure({ is: 'too fast', len: 9, speed: 5, tookMs: 1, leastMs: 7000 }), mirror, ''],
  ])('%s', async (rule, facts, part, edit) => {
    const { trace } = await run(part);
    const at = edit.includes('return') ? lastQuery(trace) : lastStatus(trace);
    const script = scriptOf(trace, {
      rule: ruleNamed(rule),
      at: asPlace(at),
      facts,
    });
    expect(ran(script, [tampered(edit)])).toMatchObject({ code: 1 });
    if (edit !== '') expect(ran(script, [tampered('')])).toMatchObject({ code: 0 });
  });

  test.each([
    [
      'state/io-status',
      stopped,
      shownWith('io-status', 'ok', { is: 'io-status', ok: false }),
      's/"io-status": "failed"/"io-status": "ok"/',
    ],
    [
      'state/io-status',
      paused,
      shownWith('io-status', 'failed', { is: 'io-status', ok: true }),
      's/"io-status": "ok"/"io-status": "failed"/',
    ],
    [
      'state/query-paused',
      paused,
      shownWith('paused', false, { is: 'paused' }),
      's/"paused": true/"paused": false/',
    ],
    [
      'state/query-agrees',
      paused,
      shownWith('status', 'running', { is: 'status', statuses: ['paused'] }),
      '/"return"/s/"status": "paused"/"status": "running"/',
    ],
    [
      'state/query-error',
      failed,
      shownWith('error', null, { is: 'error', named: 'Input/output error' }),
      '/"return"/s/, "error": "[^"]*"//',
    ],
  ])('%s: a query shows %#', async (rule, part, facts, edit) => {
    const { trace } = await run(part);
    const script = scriptOf(trace, {
      rule: ruleNamed(rule),
      at: asPlace(lastQuery(trace)),
      facts,
    });
    expect(ran(script, [tampered(edit)])).toMatchObject({ code: 1 });
    expect(ran(script, [tampered('')])).toMatchObject({ code: 0 });
  });

  test('a query’s answer to a job that stands elsewhere tells nothing', async () => {
    const { trace } = await run(paused);
    const facts = shownWith('status', 'running', { is: 'status', statuses: ['ready'] });
    const script = scriptOf(trace, {
      rule: ruleNamed('state/query-agrees'),
      at: asPlace(lastQuery(trace)),
      facts,
    });
    expect(ran(script, [tampered('')])).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/another course/),
    });
  });

  test('a speed that a query showed rightly before does not show', async () => {
    const { trace } = await run({
      ...mirror,
      steps: [
        { qmp: 'blockdev-mirror', args: { ...args, speed: 5, 'buf-size': 4096 } },
        { qmp: 'query-block-jobs' },
        { qmp: 'block-job-set-speed', args: { device: '#0', speed: 7 } },
        { qmp: 'query-block-jobs' },
        { qmp: 'job-cancel', args: { id: '#0' } },
      ],
    });
    const facts = figure({ is: 'wrong speed', speed: 5, set: [7] });
    const script = scriptOf(trace, {
      rule: ruleNamed('state/event-fields'),
      at: asPlace(lastQuery(trace)),
      facts,
    });
    expect(ran(script, [tampered('')])).toMatchObject({ code: 0 });
    expect(ran(script, [tampered('s/"speed": 7/"speed": 5/')])).toMatchObject({ code: 1 });
  });

  test('a limit that was kept to does not show', async () => {
    const { trace } = await run(mirror);
    const facts = figure({ is: 'too fast', len: 5, speed: 5, tookMs: 1, leastMs: 0 });
    const script = scriptOf(trace, {
      rule: ruleNamed('state/speed-limit'),
      at: asPlace(lastStatus(trace)),
      facts,
    });
    expect(ran(script, [tampered('')])).toMatchObject({ code: 0 });
  });

  /** A QEMU whose words go through sed. */
  function tampered(edit: string): string {
    if (!target?.daemon) throw new Error('there is no daemon');
    const dir = binDir(target, temporaryDir());
    const real = target.daemon.argv.join(' ');
    const env = Object.entries(target.daemon.env).map(([name, value]) => `export ${name}='${value}'\n`);
    script(
      join(dir, programNames.daemon[0] as string),
      `${env.join('')}mkfifo "$0.$$"\nsed -uE '${edit}' <"$0.$$" &\nexec ${real} "$@" >"$0.$$"`,
    );
    return dir;
  }
});

const lastStatus = (trace: Trace): number => trace.findLastIndex((seen) => seen.kind === 'event');
/** Of the steps: settling asks for jobs, too. */
const lastQuery = (trace: Trace): number => {
  const settles = trace.findIndex((seen) => seen.kind === 'phase' && seen.phase === 'settle');
  return trace.findLastIndex(
    (seen, at) =>
      at < settles && seen.kind === 'reply' && Array.isArray(seen.return) && seen.return.length > 0,
  );
};
