import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Finding } from '../../src/findings/finding.ts';
import { newFinding } from '../../src/findings/new-finding.ts';
import { reproScript } from '../../src/findings/repro/script.ts';
import { signatureOf } from '../../src/findings/signature.ts';
import type { Disk } from '../../src/sequence/arena.ts';
import type { ServerState, Step } from '../../src/sequence/step.ts';
import { writeBinDir as binDir } from '../../src/target/programs/bin-dir.ts';
import type { Origin } from '../../src/trace/content-run.ts';
import type { Trace } from '../../src/trace/observation.ts';
import { asPlace } from '../../src/trace/place.ts';
import { driving, type Part } from '../execute/driving.ts';
import { oneQemu } from '../real/qemus.ts';
import { temporaryDir } from '../target/temporary.ts';
import { died, holding, leftBehind, unclaimed } from './facts.ts';
import { crashFound, ruleNamed, sequenceOf, traceOf } from './found.ts';

/** A mirror to a disk on NBD, whose server is killed or suspended for a while. */
const troubled = (is: ServerState): Part => ({
  disks: [
    { name: 'src', format: 'qcow2', sizeBytes: 2 ** 20, fill: 'seeded', frontend: 'nbd' },
    {
      name: 'dst',
      format: 'qcow2',
      sizeBytes: 2 ** 20,
      storage: { nbd: { reconnectDelaySeconds: 30 } },
    },
  ],
  steps: [
    {
      qmp: 'blockdev-mirror',
      args: { 'job-id': 'j0', device: { disk: 'src' }, target: { disk: 'dst' }, sync: 'full' },
    },
    { await: 'READY', job: 'j0' },
    { fault: 'server', disk: 'dst', is },
    { guest: 'write', disk: 'src', offsetBytes: 0, lengthBytes: 65536 },
    { fault: 'server', disk: 'dst', is: 'well' },
    { await: 'ready', job: 'j0' },
    { qmp: 'job-complete', args: { id: 'j0' } },
    { await: 'gone', job: 'j0' },
  ],
  after: [{ same: ['src', 'dst'] }, { content: 'dst' }],
});

const target = oneQemu();
const sound = { code: 0, stdout: 'the defect does not show\n', stderr: '' };

describe.runIf(target?.daemon && target.nbd)('on a real QEMU', () => {
  if (!target) return;
  const { run } = driving({ target, flavour: 'daemon' });

  test.each<ServerState>(['killed', 'suspended'])('a server is %s and well again', async (is) => {
    const { trace, rules } = await run(troubled(is));
    expect(rules).toEqual([]);
    const script = reproScript(claimBroken(trace), trace);
    expect(script).toContain(`\n${is} dst\n`);
    expect(script).not.toMatch(/mirrorfuzz-|\/dev\/shm|\/tmp/);
    expect(ran(script)).toEqual(sound);
    const wrong = reproScript(wrongContent(trace, 'byte:7'), trace);
    expect(ran(wrong)).toMatchObject({ code: 1, stderr: '' });
  });

  test('a server that stays killed fails the mirror, and is back at the end', async () => {
    const { disks = [], steps } = troubled('killed');
    const brief: Disk[] = disks.map((disk) =>
      disk.storage ? { ...disk, storage: { nbd: { reconnectDelaySeconds: 0 } } } : disk,
    );
    const { trace } = await run({
      disks: brief,
      steps: [...steps.slice(0, 4), { await: 'gone', job: 'j0' }],
    });
    const left: Trace[number] = { us: 10 ** 9, kind: 'leftover', what: 'node', names: ['dst'] };
    const shown: Trace = [...trace.slice(0, -1), left];
    const violation = {
      rule: ruleNamed('leak/leftover'),
      at: asPlace(shown.length - 1),
      facts: leftBehind('node', 'dst'),
    };
    expect(ran(reproScript(findingOf(shown, violation), shown))).toEqual(sound);
  });

  function ran(script: string) {
    const dir = temporaryDir();
    writeFileSync(join(dir, 'repro.sh'), script);
    const args = [join(dir, 'repro.sh'), binDir(target as NonNullable<typeof target>, join(dir, 'bin'))];
    const { status, stdout, stderr } = spawnSync('bash', args, { encoding: 'utf8', timeout: 60_000 });
    return { code: status, stdout, stderr };
  }
});

test.each<[why: RegExp, disk: Partial<Disk>, steps?: Step[]]>([
  [/src lies on nfs storage/, { storage: 'nfs' }],
  [/src lies on iscsi storage/, { storage: 'iscsi' }],
  [/src is served by nbdkit/, { storage: { nbd: { server: 'nbdkit' } } }],
  [/a server is slow/, { storage: 'nbd' }, [{ fault: 'server', disk: 'src', is: 'slow' }]],
])('what no shell can do is refused: %s', (why, disk, steps = []) => {
  const plain = sequenceOf(...steps);
  const disks = plain.arena.disks.map((each) => ({ ...each, ...disk }));
  const trace = traceOf(
    { ...plain, arena: { disks } },
    { kind: 'exit', code: null, signal: 'SIGABRT', asked: false },
  );
  const script = reproScript(
    findingOf(trace, {
      rule: ruleNamed('crash/signal'),
      at: asPlace(1),
      facts: died('SIGSEGV'),
    }),
    trace,
  );
  expect(script).toMatch(why);
  expect(script).toMatch(/mirrorfuzz replay .*\nexit 2\n$/);
});

const claimBroken = (trace: Trace): Finding =>
  findingOf(trace, {
    rule: ruleNamed('claim/image'),
    at: asPlace(trace.findIndex(({ kind }) => kind === 'image')),
    facts: unclaimed,
  });

const wrongContent = (trace: Trace, wanted: Origin): Finding =>
  findingOf(trace, {
    rule: ruleNamed('integrity/guest-disk'),
    at: asPlace(trace.findIndex(({ kind }) => kind === 'content')),
    facts: holding('dst', ['0+65536', 'src:0', wanted]),
  });

function findingOf(trace: Trace, violation: Parameters<typeof signatureOf>[0]): Finding {
  const signature = signatureOf(violation, trace);
  return newFinding({ ...crashFound(), rule: violation.rule, signature, violation, trace }, new Date());
}
