import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execaSync } from 'execa';
import { expect, test, vi } from 'vitest';
import { type Confinement, confinement } from '../../../src/target/confine/confinement.ts';
import { withNeeds } from '../../../src/target/confine/program-needs.ts';
import { guessReads } from '../../../src/target/confine/program-reads.ts';
import { fakeProgram, script } from '../fake-qemu.ts';
import { temporaryDir } from '../temporary.ts';

vi.mock('../../../src/target/confine/confinement.ts', async (original) => {
  const real = await original<typeof import('../../../src/target/confine/confinement.ts')>();
  return { ...real, confinement: vi.fn(real.confinement) };
});

/** Where bubblewrap may make its namespaces, so may util-linux. */
const kinds: Confinement[] = confinement() === 'bubblewrap' ? ['bubblewrap', 'namespaces'] : [];

const plain = (...argv: string[]) => ({ argv, env: {} });

test("a program of the system's needs nothing besides", () => {
  expect(guessReads(plain('/usr/bin/env'))).toEqual([]);
});

test("a build tree's program needs its directory and the firmware beside that", () => {
  const source = temporaryDir();
  const program = fakeProgram(join(source, 'build'), 'qemu-system-x86_64', '9.2.4');
  mkdirSync(join(source, 'pc-bios'));
  expect(guessReads(plain(program))).toEqual([join(source, 'build'), join(source, 'pc-bios')]);
});

test('a wrapper script needs what it names, and of the temporary directory only itself', () => {
  const build = join(temporaryDir(), 'build');
  const program = fakeProgram(build, 'qemu-system-x86_64', '9.2.4');
  const wrapper = script(join(temporaryDir(), 'wrapper'), `export X=/missing/it; exec "${program}" "$@"`);
  expect(guessReads(plain(wrapper)).sort()).toEqual([build, wrapper.replace('/wrapper', '')].sort());
  expect(guessReads(plain('/tmp'))).toEqual([]);
});

test('what a link leads to is needed under both names', () => {
  const [real, bin] = [temporaryDir(), temporaryDir()];
  const program = fakeProgram(real, 'qemu-img', '9.2.4');
  symlinkSync(program, join(bin, 'qemu'));
  expect(guessReads(plain(join(bin, 'qemu')))).toEqual([real, bin].sort());
});

test('a wrapper that starts with that is given no more', async () => {
  const wrapper = script(
    join(temporaryDir(), 'wrapper'),
    `exec ${fakeProgram(temporaryDir(), 'qemu-img', '9.2.4')}`,
  );
  const { needs } = await withNeeds(plain(wrapper));
  expect(needs).toEqual({ reads: guessReads(plain(wrapper)) });
});

test.for(kinds)(
  'one that looks for more of the host sees all of it but the secrets, confined by %s',
  async (how) => {
    vi.mocked(confinement).mockReturnValue(how);
    // The names are put together, so that they can't be told from the script.
    const looksFor = (name: string) =>
      plain(
        script(
          join(temporaryDir(), 'wrapper'),
          `n=${name}; [ -s "/etc/$n" ] || { echo "no $n" >&2; exit 1; }`,
        ),
      );
    expect((await withNeeds(looksFor('passwd'))).needs?.wide).toBe(true);
    await expect(withNeeds(looksFor('shadow'))).rejects.toThrow(/not confined: no shadow$/);
  },
);

test('one that takes more address space than there is gets all of it', async () => {
  const body =
    '[ "$(ulimit -v)" = unlimited ] || { echo "AddressSanitizer failed to allocate" >&2; exit 1; }';
  const { needs } = await withNeeds(plain(script(join(temporaryDir(), 'asan'), body)));
  expect(needs).toMatchObject({ memory: 'unlimited' });
});

test.for(kinds)(
  'one that writes temporary files first, confined by %s, has a place for them',
  async (how) => {
    vi.mocked(confinement).mockReturnValue(how);
    const body = `: > "\${TMPDIR:-/tmp}/pipe-of-valgrind" && [ "$(ulimit -v)" = unlimited ] || exit 1`;
    const { needs } = await withNeeds(plain(script(join(temporaryDir(), 'wrapper'), body)));
    expect(needs).toMatchObject({ temporary: true, memory: 'unlimited' });
    expect(needs?.wide).toBeUndefined();
  },
);

const hasAsan =
  execaSync('sh', ['-c', 'echo "int main;" | gcc -fsanitize=address -x c - -o /dev/null'], {
    reject: false,
  }).exitCode === 0;

test.runIf(hasAsan)('so does a real program with AddressSanitizer', async () => {
  const program = join(temporaryDir(), 'program');
  writeFileSync(`${program}.c`, 'int main() { return 0; }');
  execaSync('gcc', ['-fsanitize=address', `${program}.c`, '-o', program]);
  expect((await withNeeds(plain(program))).needs).toMatchObject({ memory: 'unlimited' });
});

test.for(kinds)(
  'one that starts in no way, confined by %s, is refused with what it says, and the way out',
  async (how) => {
    vi.mocked(confinement).mockReturnValue(how);
    const dir = temporaryDir();
    await expect(
      withNeeds(plain(script(join(dir, 'broken'), 'echo "not here" >&2; exit 1'))),
    ).rejects.toMatchObject({
      name: 'UsageError',
      message: `${join(dir, 'broken')} starts, but not confined: not here`,
      remedy: '--unconfined',
    });
  },
);
