import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { iotestText } from '../../src/findings/export/iotest.ts';
import { newFinding } from '../../src/findings/new-finding.ts';
import { caseOf } from '../../src/findings/repro/in-current-qmp.ts';
import { signatureOf } from '../../src/findings/signature.ts';
import { judge } from '../../src/judge/judge.ts';
import type { Violation } from '../../src/judge/rule.ts';
import type { Step } from '../../src/sequence/step.ts';
import { writeBinDir } from '../../src/target/programs/bin-dir.ts';
import { bootSector } from '../../src/trace/boot-sector.ts';
import type { GuestOp, Observation, Trace } from '../../src/trace/observation.ts';
import { oneQemu } from '../real/qemus.ts';
import { temporaryDir } from '../target/temporary.ts';
import { crashFound } from './found.ts';
import { ran, scriptOf } from './scripts.ts';

/** Recorded on QEMU 11.1.3: the second read finds nothing, and the guest's memory keeps what the first one read. */
const readBeyond = recorded();
const [broken] = judge(readBeyond).violations;
const violation = broken as Violation;
const qemu = oneQemu();

test('the boot sector is in the script, and QEMU has its serial port', () => {
  const text = scriptOf(readBeyond, violation);
  const [, base64 = ''] = /<<'END'.*\n([\s\S]*?)\nEND/.exec(text) ?? [];
  expect(Buffer.from(base64, 'base64')).toEqual(bootSector);
  expect(text).toMatch(/-chardev pipe,id=serial,path=serial -serial chardev:serial <monitor/);
  expect(text).toMatch(/^order r 129 128 64\ndone_all$/m);
  expect(text).toContain(
    "read_found 0 64 0 || shows 'the guest reads from src: 65536+32768 does not hold zero'",
  );
});

/** Where nothing streams, this QEMU is well; a write of more than one message is read back. */
test.runIf(qemu?.system)('a guest that boots does what it is told, and reads what it has written', () => {
  const bin = writeBinDir(qemu as NonNullable<typeof qemu>, temporaryDir());
  const well = readBeyond.map(
    (seen): Observation =>
      seen.kind === 'command' && seen.step === 1 ? { ...seen, name: 'query-jobs', args: {} } : seen,
  );
  const written = told(well, 0, { op: 'write', offsetBytes: 65536, lengthBytes: 40960, pattern: 0xe3 });
  const text = scriptOf(written, violation);
  expect(text).toContain('order w 129 128 80 227\n');
  expect(ran(text.replace('read_found 0 64 0', 'read_found 0 64 227'), [bin])).toMatchObject({ code: 0 });
  expect(ran(text, [bin])).toMatchObject({ code: 1 });
});

test('a guest that would have to boot once more has no script', () => {
  const again = readBeyond.map((seen): Observation => {
    if (seen.kind !== 'opened') return seen;
    const steps: Step[] = [...seen.sequence.steps, { fault: 'sigkill' }, { fault: 'restart' }];
    return { ...seen, sequence: { ...seen.sequence, steps } };
  });
  expect(scriptOf(again, violation)).toContain(
    'its guest would have to boot in a second QEMU, or another time',
  );
});

test('an iotest has no guest that boots, and says so', () => {
  const signature = signatureOf(violation, readBeyond);
  const found = { ...crashFound(), rule: violation.rule, signature, violation, trace: readBeyond };
  expect(iotestText(caseOf(newFinding(found, new Date()), readBeyond))).toContain(
    "notrun('a guest that boots",
  );
});

/** The same run, with another request in place of that step's. */
function told(trace: Trace, step: number, op: GuestOp): Trace {
  return trace.map(
    (seen): Observation => (seen.kind === 'guest-begin' && seen.step === step ? { ...seen, op } : seen),
  );
}

function recorded(): Trace {
  const file = join(import.meta.dirname, 'traces/parties/booted-guest.jsonl');
  return readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line): Observation & { us: number } => JSON.parse(line));
}
