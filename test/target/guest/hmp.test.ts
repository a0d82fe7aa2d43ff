import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  driveAdd,
  driveDel,
  hmpQemuIo,
  readDriveAdd,
  readDriveDel,
  readHmpResult,
} from '../../../src/target/guest/hmp.ts';
import { type LiveQemu, systemEmulator } from '../live-qemu.ts';
import { temporaryDir } from '../temporary.ts';

const KiB = 1024;
const MiB = 1024 * KiB;
const write = { op: 'write', offsetBytes: 64 * KiB, lengthBytes: 4 * KiB, pattern: 17 } as const;

test('a drive whose path holds commas, blanks, quotes and backslashes opens under its id and node name', async () => {
  const dir = temporaryDir();
  const { qemu, hmp } = await emulator(dir);
  const file = image(dir, 'a,b "c" \\d.qcow2');
  expect(readDriveAdd(await hmp(driveAdd({ id: 'drive-src', file, format: 'qcow2', nodeName: 'src' })))).toBe(
    'ok',
  );
  expect(await blocks(qemu)).toMatchObject([{ device: 'drive-src', inserted: { file, 'node-name': 'src' } }]);
});

test('discard, zero detection and read-only reach the node', async () => {
  const dir = temporaryDir();
  const { qemu, hmp } = await emulator(dir);
  const options = { readOnly: true, discard: 'unmap', detectZeroes: 'on' };
  const added = await hmp(driveAdd({ id: 'd', file: image(dir, 'a.qcow2'), format: 'qcow2', ...options }));
  expect(readDriveAdd(added)).toBe('ok');
  expect(await blocks(qemu)).toMatchObject([{ inserted: { ro: true, detect_zeroes: 'on' } }]);
});

test('a drive that can not be opened says why', async () => {
  const { hmp } = await emulator(temporaryDir());
  const added = readDriveAdd(await hmp(driveAdd({ id: 'd', file: '/nonexistent', format: 'raw' })));
  expect(added).toEqual({ error: "Could not open '/nonexistent': No such file or directory" });
});

test('a mirror of the drive is named by its id, and completing it moves the drive to the target', async () => {
  const dir = temporaryDir();
  const { qemu, hmp } = await emulator(dir);
  await hmp(driveAdd({ id: 'd', file: image(dir, 'src.qcow2'), format: 'qcow2', nodeName: 'src' }));
  const target = image(dir, 'dst.qcow2');
  await qemu.qmp('drive-mirror', { device: 'd', target, sync: 'full', mode: 'existing', format: 'qcow2' });
  await qemu.event('BLOCK_JOB_READY');
  expect(readDriveDel(await hmp(driveDel('d')))).toEqual({
    error: expect.stringContaining('block device is in use by block job: mirror'),
  });
  await hmp(hmpQemuIo('d', write));
  await qemu.qmp('block-job-complete', { device: 'd' });
  await qemu.event('BLOCK_JOB_COMPLETED');
  expect(await blocks(qemu)).toMatchObject([{ device: 'd', inserted: { file: target } }]);
  expect(readDriveDel(await hmp(driveDel('d')))).toBe('ok');
  expect(holds(target, 17, write.offsetBytes)).toBe(true);
});

test('a deleted drive takes its nodes along', async () => {
  const dir = temporaryDir();
  const { qemu, hmp } = await emulator(dir);
  await hmp(driveAdd({ id: 'd', file: image(dir, 'a.qcow2'), format: 'qcow2' }));
  expect(readDriveDel(await hmp(driveDel('d')))).toBe('ok');
  expect(await qemu.qmp('query-named-block-nodes')).toEqual([]);
  expect(readDriveDel(await hmp(driveDel('d')))).toEqual({ error: "Device 'd' not found" });
});

test('each kind of request is one that the monitor takes', async () => {
  const dir = temporaryDir();
  const { hmp } = await emulator(dir);
  const file = image(dir, 'a.qcow2');
  await hmp(driveAdd({ id: 'd', file, format: 'qcow2' }));
  const extent = { offsetBytes: 128 * KiB, lengthBytes: 64 * KiB };
  const answers: string[] = [];
  answers.push(await hmp(hmpQemuIo('d', { ...write, fua: true })));
  answers.push(await hmp(hmpQemuIo('d', { ...write, ...extent })));
  answers.push(await hmp(hmpQemuIo('d', { op: 'zero', ...extent, unmap: true })));
  answers.push(await hmp(hmpQemuIo('d', { op: 'read', ...extent })));
  answers.push(await hmp(hmpQemuIo('d', { op: 'discard', ...extent })));
  answers.push(await hmp(hmpQemuIo('d', { op: 'flush' })));
  expect(answers).toEqual(Array(6).fill(''));
  await hmp(driveDel('d'));
  expect(holds(file, 17, write.offsetBytes)).toBe(true);
  expect(holds(file, 0, extent.offsetBytes)).toBe(true);
});

test('a request that QEMU did not try is an error, and one that it carried out or failed looks the same', async () => {
  const dir = temporaryDir();
  const { hmp } = await emulator(dir);
  await hmp(driveAdd({ id: 'd', file: image(dir, 'a.qcow2'), format: 'qcow2' }));
  expect(readHmpResult(await hmp(hmpQemuIo('nobody', write)))).toEqual({
    result: 'error',
    text: expect.stringContaining('nobody'),
  });
  const beyondTheEnd = { ...write, offsetBytes: 8 * MiB };
  expect(readHmpResult(await hmp(hmpQemuIo('d', beyondTheEnd))).result).toBe('unattributed');
  expect(readHmpResult(await hmp(hmpQemuIo('d', write))).result).toBe('unattributed');
});

async function emulator(dir: string): Promise<{ qemu: LiveQemu; hmp: (line: string) => Promise<string> }> {
  const qemu = await systemEmulator(dir);
  const hmp = async (line: string) =>
    (await qemu.qmp('human-monitor-command', { 'command-line': line })) as string;
  return { qemu, hmp };
}

const blocks = (qemu: LiveQemu): Promise<unknown> => qemu.qmp('query-block');

function image(dir: string, name: string): string {
  const file = join(dir, name);
  execFileSync('qemu-img', ['create', '-q', '-f', 'qcow2', file, `${MiB}`]);
  return file;
}

function holds(file: string, pattern: number, offsetBytes: number): boolean {
  const output = execFileSync('qemu-io', ['-r', '-c', `read -P ${pattern} ${offsetBytes} 4k`, file], {
    encoding: 'utf8',
  });
  return !output.includes('Pattern verification failed');
}
