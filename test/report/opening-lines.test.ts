import { expect, test } from 'vitest';
import { confinementOf, openingLines } from '../../src/report/opening-lines.ts';
import { confinement } from '../../src/target/confine/confinement.ts';
import type { QemuTarget } from '../../src/target/programs/binary.ts';
import type { Needs } from '../../src/target/programs/program.ts';

const program = (path: string, needs?: Needs) => ({ argv: [path], env: {}, ...(needs && { needs }) });
const onPath: QemuTarget = {
  label: '7.2.22',
  version: '7.2.22',
  origin: 'path',
  path: '/usr/bin/qemu-system-x86_64',
  system: program('/usr/bin/qemu-system-x86_64'),
};
const build: QemuTarget = {
  label: '9.2.4',
  version: '9.2.4',
  origin: 'directory',
  path: '/home/me/build',
  system: program('/home/me/build/qemu-system-x86_64', { reads: [], wide: true, memory: 'unlimited' }),
  daemon: program('/home/me/build/storage-daemon/qemu-storage-daemon', { reads: [] }),
  img: program('/usr/bin/qemu-img'),
};

test('of a directory it is said which programs were taken, and which are not there', () => {
  expect(openingLines([{ target: build }, { target: build }], { all: false })[0]).toBe(
    'QEMU 9.2.4 of /home/me/build: qemu-system-x86_64, storage-daemon/qemu-storage-daemon, /usr/bin/qemu-img, no qemu-nbd',
  );
});

test.runIf(confinement() === 'bubblewrap')(
  'a hunt always says how QEMU is confined, a run where it is less than usual',
  () => {
    const usual = 'QEMU is confined by bubblewrap: it sees its own programs and directory, and no network';
    expect(openingLines([{ target: onPath }], { all: true })).toContain(usual);
    expect(openingLines([{ target: onPath }], { all: false })).toEqual([]);
    expect(openingLines([{ target: build }], { all: false }).at(-1)).toBe(
      `${usual}; sees the whole host but its secrets, or it would not start: /home/me/build/qemu-system-x86_64; memory not limited, or it would not start: /home/me/build/qemu-system-x86_64`,
    );
  },
);

test('what the user wanted unconfined is never said to be confined', () => {
  const target = {
    ...onPath,
    system: program('/usr/bin/qemu-system-x86_64', { reads: [], unconfined: true }),
  };
  expect(confinementOf([{ target }])).toMatchObject({ kind: 'none', seesWholeHost: [] });
  expect(openingLines([{ target }], { all: false })).toEqual([
    expect.stringMatching(/^QEMU IS NOT CONFINED/),
  ]);
});
