import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { execute } from '../../src/execute/execute.ts';
import { iotestText } from '../../src/findings/export/iotest.ts';
import { qmpText } from '../../src/findings/export/qmp.ts';
import type { Finding } from '../../src/findings/finding.ts';
import { newFinding } from '../../src/findings/new-finding.ts';
import { caseOf } from '../../src/findings/repro/in-current-qmp.ts';
import { reproScript } from '../../src/findings/repro/script.ts';
import { signatureOf } from '../../src/findings/signature.ts';
import { judge } from '../../src/judge/judge.ts';
import type { Violation } from '../../src/judge/rule.ts';
import type { Sequence } from '../../src/sequence/sequence.ts';
import { writeBinDir as binDir } from '../../src/target/programs/bin-dir.ts';
import type { Origin } from '../../src/trace/content-run.ts';
import type { Trace } from '../../src/trace/observation.ts';
import { asPlace } from '../../src/trace/place.ts';
import { driving } from '../execute/driving.ts';
import { oneQemu } from '../real/qemus.ts';
import { temporaryDir } from '../target/temporary.ts';
import { holding } from './facts.ts';
import { crashFound, ruleNamed } from './found.ts';

const target = { file: { newFile: 'sn1.qcow2' }, format: 'qcow2' };
const sequence: Sequence = {
  schema: 1,
  title: 'a mirror of 2012, reopened',
  dialect: 'rhel6',
  arena: {
    disks: [{ name: 'src', format: 'qcow2', sizeBytes: 2 ** 20, fill: 'full', frontend: 'drive' }],
  },
  steps: [
    { qmp: 'query-jobs' },
    {
      qmp: '__com.redhat_drive-mirror',
      args: { device: { disk: 'src' }, full: true, target: target.file, format: 'qcow2' },
    },
    { await: 'READY', job: 'drive-src' },
    { guest: 'zero', disk: 'src', offsetBytes: 131072, lengthBytes: 65536 },
    {
      qmp: '__com.redhat_drive-reopen',
      args: { device: { disk: 'src' }, 'new-image-file': target.file, format: 'qcow2' },
      expect: { class: 'DeviceInUse' },
    },
    { guest: 'write', disk: 'src', offsetBytes: 65536, lengthBytes: 65536 },
  ],
  after: [{ content: { file: 'sn1.qcow2', format: 'qcow2' } }],
};

const qemu = oneQemu();

describe.runIf(qemu?.system)('a finding of a session in a dialect', () => {
  if (!qemu) return;
  const { sessions } = driving({ target: qemu, flavour: 'system' });
  const trace = async (): Promise<Trace> => {
    const ran = await execute(sequence, await sessions().pristine(sequence));
    await sessions().giveBack(ran.pristine);
    return ran.trace;
  };

  test.each([
    ['0', 'zero'],
    ['1', 'byte:7'],
  ] as const)('is shown to a plain QEMU in the commands of today: exit code %s', async (code, wanted) => {
    const seen = await trace();
    const script = reproScript(wrongContent(seen, wanted), seen);
    expect(commandsOf(script)).toEqual(
      expect.arrayContaining(['drive-mirror', 'block-job-complete', 'query-jobs (not in rhel6)']),
    );
    expect(commandsOf(script).join()).not.toContain('redhat');
    expect(script).toContain(`\nawait 10 '{"status": "null", "id": "drive-src"}'\n`);
    const dir = temporaryDir();
    writeFileSync(join(dir, 'repro.sh'), script);
    const { status, stderr } = spawnSync('bash', [join(dir, 'repro.sh'), binDir(qemu, join(dir, 'bin'))], {
      encoding: 'utf8',
    });
    expect({ status, stderr }).toEqual({ status: Number(code), stderr: '' });
  });

  test('is an iotest, and lines of QMP, in the commands of today', async () => {
    const seen = await trace();
    const shown = caseOf(wrongContent(seen, 'byte:7'), seen);
    const waits =
      "vm.event_wait('JOB_STATUS_CHANGE', timeout=20, match={'data': {'id': 'drive-src', 'status': 'null'}})";
    expect(iotestText(shown)).toMatch(/vm\.qmp\('block-job-complete', [^\n]*\n *vm\.event_wait/);
    expect(iotestText(shown)).toContain(waits);
    expect(qmpText(shown.plan)).toContain('{"execute": "drive-mirror", "arguments": {"job-id": "drive-src"');
    expect(qmpText(shown.plan)).not.toContain('redhat');
  });

  test('is for mirrorfuzz alone to show where it is about an answer in the words of then', async () => {
    const seen = await trace();
    const violation = judge(seen).violations.find(({ rule }) => rule.name === 'claim/reply');
    if (!violation) throw new Error('a reopen that succeeds is not what was claimed');
    const script = reproScript(findingOf(seen, violation), seen);
    expect(script).toMatch(/it shows to a client that speaks rhel6, .*\nexit 2\n$/);
  });
});

function wrongContent(trace: Trace, wanted: Origin): Finding {
  const at = trace.findIndex(({ kind }) => kind === 'content');
  return findingOf(trace, {
    rule: ruleNamed('integrity/guest-disk'),
    at: asPlace(at),
    facts: holding('sn1.qcow2', ['131072+65536', 'src:0', wanted]),
  });
}

function findingOf(trace: Trace, violation: Violation): Finding {
  const signature = signatureOf(violation, trace);
  return newFinding({ ...crashFound(), rule: violation.rule, signature, violation, trace }, new Date());
}

/** Names of the commands that a script sends as steps. */
const commandsOf = (script: string): string[] =>
  [...script.matchAll(/^qmp '\{"execute": "([^"]*)"/gm)].map(([, name]) => name ?? '');
