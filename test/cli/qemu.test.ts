import { describe, expect, test } from 'vitest';
import { formatCheck, isUsable, verdictLine } from '../../src/cli/doctor.ts';
import { checkNode, type MachineCheck } from '../../src/cli/machine-checks.ts';
import { formatProgress, formatTargets } from '../../src/cli/qemu.ts';
import { installCommand } from '../../src/target/install/install-command.ts';

describe('qemu list', () => {
  test('has a line a QEMU: label, version, origin, programs, path', () => {
    const program = { argv: ['/x'], env: {} };
    const text = formatTargets([
      {
        label: '7.2.22',
        version: '7.2.22',
        origin: 'path',
        path: '/usr/bin/qemu-system-x86_64',
        system: program,
        img: program,
      },
      {
        label: 'debian:trixie',
        version: '10.0.13',
        origin: 'fetched',
        path: '/cache/debian-trixie',
        daemon: program,
      },
    ]);
    expect(text.split('\n')).toEqual([
      'LABEL          VERSION  ORIGIN   PROGRAMS    PATH',
      '7.2.22         7.2.22   path     system img  /usr/bin/qemu-system-x86_64',
      'debian:trixie  10.0.13  fetched  daemon      /cache/debian-trixie',
    ]);
  });

  test('says how to get one where there is none', () => {
    expect(formatTargets([])).toContain('mirrorfuzz doctor');
  });
});

test('a fetch that continues says how much is already here', () => {
  expect(formatProgress({ suite: 'sid', doing: 'download', done: 30, of: 108 })).toBe(
    'sid: downloading 108 packages, 30 of them already here',
  );
});

describe('doctor', () => {
  const ok: MachineCheck = { name: 'QEMU', required: true, status: 'ok', detail: '7.2.22' };
  const lesser: MachineCheck = {
    name: 'gdb',
    required: false,
    status: 'degraded',
    detail: 'not found',
    remedy: 'apk add gdb',
  };
  const missing: MachineCheck = {
    name: 'qemu-img',
    required: true,
    status: 'missing',
    detail: 'not found',
    remedy: './bootstrap',
  };

  test('what is optional does not make a machine unusable', () => {
    expect(isUsable([ok, lesser])).toBe(true);
    expect(verdictLine([ok, lesser])).toBe('usable; 1 optional thing is missing or limited');
  });

  test('what is required does, and is named at the end', () => {
    expect(isUsable([ok, lesser, missing])).toBe(false);
    expect(verdictLine([ok, lesser, missing])).toBe('not usable yet: qemu-img');
  });

  test('what does not work is followed by the command that mends it', () => {
    expect(formatCheck(lesser)).toMatch(/^degraded {2}gdb +not found\n +-> apk add gdb$/);
  });

  test('an old Node is missing, not degraded', () => {
    expect(checkNode('20.20.2')).toMatchObject({ status: 'missing', required: true });
    expect(checkNode('24.0.0')).toMatchObject({ status: 'ok' });
  });

  test.each([
    ['apt-get', /apt-get update && .*apt-get install -y --no-install-recommends qemu-system-x86 qemu-utils/],
    ['dnf', /dnf install -y qemu-system-x86-core qemu-img/],
    ['brew', /^brew install qemu$/],
  ])('QEMU comes by %s where that is what the machine has', (manager, command) => {
    expect(installCommand('qemu', (name) => name === manager)).toMatch(command);
  });

  test('without a known package manager there is no command to give', () => {
    expect(installCommand('gdb', () => false)).toBeUndefined();
  });
});
