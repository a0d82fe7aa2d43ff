import { describe, expect, test } from 'vitest';
import flows from '../../../properties/flows.ts';
import migration from '../../../properties/migration.ts';
import { drawFrom } from '../../../src/generate/draw.ts';
import { drawFlow } from '../../../src/generate/flows/flow.ts';
import { generateSequence } from '../../../src/generate/generate-sequence.ts';
import type { Property } from '../../../src/generate/property.ts';
import { optionalIn } from '../../../src/sequence/optional.ts';
import type { Sequence } from '../../../src/sequence/sequence.ts';
import { binaries } from '../binaries.ts';

const drawn = (property: Property, binary: (typeof binaries)[number], count: number): Sequence[] =>
  Array.from({ length: count }, (_, i) => generateSequence(property, binary, drawFrom(`flow ${i}`)));

const commands = ({ steps }: Sequence): string[] =>
  steps.flatMap((step) => ('qmp' in step ? [step.qmp] : []));

describe.each(binaries.map((binary) => [`${binary.version} ${binary.flavour}`, binary] as const))(
  '%s',
  (_, binary) => {
    test('each flow has its turn, and its commands stand in their order', () => {
      const sequences = drawn(flows, binary, 150);
      const shown = (pattern: RegExp): number =>
        sequences.filter((sequence) => pattern.test(commands(sequence).join(' '))).length;
      expect(shown(/blockdev-add .*blockdev-mirror .*job-(complete|cancel).* job-dismiss/)).toBeGreaterThan(
        5,
      );
      expect(shown(/blockdev-create .*job-dismiss .*blockdev-create .*blockdev-mirror/)).toBeGreaterThan(0);
      expect(shown(/block-commit .*job-dismiss/)).toBeGreaterThan(3);
      expect(shown(/block-stream .*job-dismiss/)).toBeGreaterThan(3);
      expect(shown(/transaction .*block-export-add .*block-export-del .*block-job-cancel/)).toBeGreaterThan(
        3,
      );
      expect(shown(/blockdev-backup .*drive-mirror|drive-mirror .*blockdev-backup/)).toBeGreaterThan(3);
      expect(
        shown(/transaction .*job-dismiss .*blockdev-add .*transaction .*job-cancel .*transaction/),
      ).toBeGreaterThan(1);
      expect(shown(/block_resize/)).toBeGreaterThan(3);
      expect(sequences.some((sequence) => optionalIn(sequence).includes('destination QEMU'))).toBe(true);
    });

    test('a machine leaves beside jobs and without, and comes back', () => {
      const all = drawn(migration, binary, 150).map((sequence) => commands(sequence).join(' '));
      const shown = (pattern: RegExp): number => all.filter((text) => pattern.test(text)).length;
      if (binary.flavour === 'daemon') {
        expect(shown(/migrate/)).toBe(0);
        return;
      }
      expect(shown(/(mirror|backup|stream|commit) .*migrate .*query-migrate/)).toBeGreaterThan(10);
      expect(shown(/migrate .*cont .*(mirror|backup|stream|commit)/)).toBeGreaterThan(20);
      expect(shown(/block-job-cancel .*migrate-continue/)).toBeGreaterThan(5);
      expect(shown(/migrate .*migrate_cancel/)).toBeGreaterThan(5);
    });

    test('only a system emulator gets flows with a guest that boots', () => {
      const machines = new Set(drawn(flows, binary, 150).map(({ arena }) => arena.machine));
      const canFleece = binary.flavour === 'system' && !binary.version.startsWith('5.');
      expect(machines.has('pc')).toBe(canFleece);
    });
  },
);

test('what a binary can not go through is not drawn', () => {
  const [binary] = binaries;
  const flow = { name: 'never', suits: () => false, arena: flows.arena, parts: () => [] };
  expect(binary && drawFlow(drawFrom('a'), binary, [flow])).toBeUndefined();
});
