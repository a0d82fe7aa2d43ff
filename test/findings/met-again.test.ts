import { describe, expect, test } from 'vitest';
import type { Finding } from '../../src/findings/finding.ts';
import { ownNames } from '../../src/findings/signature/names.ts';
import { compareCauses } from '../../src/findings/stacks/cause.ts';
import type { Observation, Trace } from '../../src/trace/observation.ts';
import { committed, metAgain, signaturesOf } from './recorded.ts';

/*
 * A committed defect that is met again comes under its own signature, and so under its own id, whatever its things are
 * called, wherever it strikes, whichever rule shows it, in either flavour, with whatever goes on beside it.
 */

describe('other sequences that show a committed defect', () => {
  test.each(metAgain())('%s', (id, traces) => {
    const { signature } = committed.read(id).finding;
    expect(traces.map((trace) => [...signaturesOf(trace).values()].includes(signature))).toEqual(
      Array.from({ length: 5 }, () => true),
    );
  });
});

const { findings } = committed.list();

describe('a crash told by another program, with other names, lines and addresses, some commands later', () => {
  const crashes = findings.filter(({ kind }) => kind === 'crash');
  test.each(crashes.map((finding): [string, Finding] => [finding.id, finding]))('%s', (id, finding) => {
    const trace = committed.read(id).trace();
    const all = (each: Trace): Trace => Object.values(variations).reduce((so, vary) => vary(so), each);
    for (const vary of [...Object.values(variations), all])
      expect([...signaturesOf(vary(trace)).values()], vary.name).toContain(finding.signature);
  });
});

test('of two committed findings of one signature debuggers have seen other causes, or the commands are others', () => {
  const alike = [...Map.groupBy(findings, ({ signature }) => signature).values()];
  for (const [first, ...others] of alike)
    for (const other of others) {
      const isTold =
        other.apartFrom !== first?.apartFrom ||
        compareCauses(first?.stacks ?? [], other.stacks ?? []) === 'different';
      expect(isTold, `${first?.id} and ${other.id}`).toBe(true);
    }
});

const variations = {
  otherNames(trace: Trace): Trace {
    return edited(trace, (text) => {
      let named = text;
      for (const name of ownNames(trace).keys()) named = named.replaceAll(quoted(name), '$1z9-$2$3');
      return named;
    });
  },
  otherProgram(trace: Trace): Trace {
    const [one, other] = ['qemu-storage-daemon', 'qemu-system-x86_64'];
    return edited(trace, (text) =>
      text.replaceAll(/qemu-storage-daemon|qemu-system-x86_64/g, (found) => (found === one ? other : one)),
    );
  },
  otherBuild(trace: Trace): Trace {
    return trace.map((seen) =>
      seen.kind === 'stderr'
        ? {
            ...seen,
            text: seen.text
              .replaceAll(/(\.c):\d+:/g, '$1:7:')
              .replaceAll(/(?:[\w.]+\/)*([\w-]+\.c:)/g, '/usr/src/qemu/x/$1')
              .replaceAll(/0x[0-9a-f]+/g, '0x7f31'),
          }
        : seen,
    );
  },
  moreCommands(trace: Trace): Trace {
    const at = trace.findIndex((seen) => seen.kind === 'phase' && seen.phase === 'steps');
    const us = trace[at]?.us ?? 0;
    const more: Observation[] = [
      { us, kind: 'command', id: 'asked', name: 'query-jobs', args: {} },
      { us, kind: 'reply', id: 'asked', return: [] },
    ];
    return trace.toSpliced(at + 1, 0, ...more);
  },
  slower: (trace: Trace): Trace => trace.map((seen) => ({ ...seen, us: seen.us * 3 })),
};

/** A name as JSON has it, or as QEMU quotes it; layers of a disk with it. */
const quoted = (name: string): RegExp =>
  new RegExp(`(\\\\?"|')(${name.replaceAll(/[^\w-]/g, '\\$&')})(\\\\?"|'|-file)`, 'g');

const edited = (trace: Trace, edit: (text: string) => string): Trace =>
  JSON.parse(edit(JSON.stringify(trace)));
