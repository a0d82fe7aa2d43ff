import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { iotestText } from '../../src/findings/export/iotest.ts';
import { qmpExport } from '../../src/findings/export/qmp.ts';
import { newFinding } from '../../src/findings/new-finding.ts';
import { caseOf } from '../../src/findings/repro/in-current-qmp.ts';
import { signatureOf } from '../../src/findings/signature.ts';
import { judge } from '../../src/judge/judge.ts';
import { writeBinDir } from '../../src/target/programs/bin-dir.ts';
import { listQemu } from '../../src/target/programs/binary.ts';
import type { Observation, Trace } from '../../src/trace/observation.ts';
import { asPlace } from '../../src/trace/place.ts';
import { temporaryDir } from '../target/temporary.ts';
import { unclaimed } from './facts.ts';
import { crashFound, ruleNamed } from './found.ts';
import { ran, scriptOf } from './scripts.ts';

/** Recorded on QEMU 7.2.22, which both defects show; 10.0 and later are mended. */
const silentClient = recorded('silent-client');
const secondQemu = recorded('second-qemu');
const device = recorded('device');

const here = await listQemu();

describe.each([
  ['7.2.', 1],
  ['10.0.', 0],
])('QEMU %s', (series, code) => {
  const target = here.find(({ version }) => version.startsWith(series));
  const runs = test.runIf(target?.system && target.daemon);

  runs('a client that says nothing keeps nbd-server-stop waiting, or it does not', () => {
    const bin = writeBinDir(target as NonNullable<typeof target>, temporaryDir());
    expect(ran(broken(silentClient), [bin], { PATIENCE: '2' })).toMatchObject({ code });
  });

  runs('a second monitor resizes what a second QEMU has taken: an abort, or a refusal', () => {
    const bin = writeBinDir(target as NonNullable<typeof target>, temporaryDir());
    expect(ran(broken(secondQemu), [bin])).toMatchObject({ code });
  });
});

test('of a reproducer that no stranger visits the NBD server is at a socket of Unix', () => {
  expect(broken(silentClient)).not.toContain('nbd.sock');
  expect(broken(silentClient)).toContain('/dev/tcp/');
  const without = silentClient.filter((seen) => seen.kind !== 'fault');
  expect(broken(without)).toContain('{"type": "unix", "data": {"path": "nbd.sock"}}');
  expect(broken(without)).not.toContain('/dev/tcp/');
});

test('what another process met at the image stands beside its line', () => {
  expect(broken(silentClient)).toMatch(/^qemu-img info -f qcow2 src\.qcow2 .*# was refused/m);
  expect(broken(secondQemu)).toMatch(/^qemu-img info -U -f qcow2 src\.qcow2 >opened 2>&1$/m);
});

test('devices are plugged into a machine that stands, and an IDE disk has its slot', () => {
  const text = scriptOf(device, { rule: ruleNamed('claim/image'), at: asPlace(-1), facts: unclaimed });
  expect(text).toMatch(/-machine pc .*-S .*-device ide-hd,id=ide-slot/);
  expect(text).toContain('"driver": "virtio-blk-pci"');
  expect(text).toContain('device_del');
});

test('a monitor whose commands were recorded by words alone has no reproducer where they refer to something', () => {
  const old = secondQemu.map((seen): Observation => {
    if (seen.kind !== 'fault') return seen;
    const { sent: _, ...rest } = seen;
    return rest;
  });
  expect(broken(old)).toContain('its trace does not say what another monitor was sent');
  expect(broken(secondQemu)).toContain('"node-name": "src"');
});

test('exports: an iotest has the clients, the other process and the monitor; QMP lists them as left out', () => {
  const shown = shownBy(silentClient);
  const text = iotestText(shown);
  expect(text).toContain('import socket\n');
  expect(text).toMatch(/strangers\[-1\]\.connect\('nbd\.sock'\)/);
  expect(text).toContain("run('qemu-img info -f qcow2 src.qcow2 || true')");
  expect(qmpExport(shown.plan, 'qmp').leftOut).toHaveLength(3);
  expect(iotestText(shownBy(secondQemu))).toContain("notrun('a second QEMU that takes the machine");
});

function recorded(name: string): Trace {
  const file = join(import.meta.dirname, 'traces/parties', `${name}.jsonl`);
  return readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line): Observation & { us: number } => JSON.parse(line));
}

const broken = (trace: Trace): string => scriptOf(trace, violationOf(trace));

/** The crash or the hang. */
function violationOf(trace: Trace) {
  const found = judge(trace).violations.find(({ rule }) => /^(hang|crash)\//.test(rule.name));
  if (!found) throw new Error('nothing is broken');
  return found;
}

function shownBy(trace: Trace) {
  const violation = violationOf(trace);
  const signature = signatureOf(violation, trace);
  return caseOf(
    newFinding({ ...crashFound(), rule: violation.rule, signature, violation, trace }, new Date()),
    trace,
  );
}
