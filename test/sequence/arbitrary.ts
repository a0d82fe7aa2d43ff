import fc from 'fast-check';
import type { Sequence } from '../../src/sequence/sequence.ts';
import type { Json, Step } from '../../src/sequence/step.ts';

/** Not the one member name that the format refuses. */
const plainText = fc.string().filter((text) => text !== '__proto__');

const anyJson: fc.Arbitrary<Json> = fc
  .jsonValue({ maxDepth: 4 })
  .map(
    (value) =>
      JSON.parse(JSON.stringify(value).replaceAll(/"(__proto__|newDisk|newFile|number)"/g, '"x"')) as Json,
  );

const anyArgument: fc.Arbitrary<Json> = fc.oneof(
  anyJson,
  fc.constantFrom<Json>(
    '#0',
    { disk: 'src' },
    { node: 'src', layer: 'file' },
    { newFile: 'a.raw' },
    { newDisk: 'd', format: 'raw', sizeBytes: 513 },
  ),
  fc.bigInt().map((value): Json => ({ number: String(value) })),
  anyJson.map((value): Json => ({ literal: value })),
);

/** Any sequence that the format allows, sensible or not. */
export const anySequence: fc.Arbitrary<Sequence> = fc
  .record({
    disks: fc.uniqueArray(anyDisk(), { maxLength: 4, selector: ({ name }) => name }),
    rest: anyRest(),
  })
  .map(({ disks, rest }) => ({ schema: 1, ...rest, arena: { ...rest.arena, disks } }) as Sequence);

function anyDisk() {
  return maybe(
    {
      name: fc.stringMatching(/^[A-Za-z][A-Za-z0-9_.-]{0,20}$/),
      format: fc.constantFrom('raw', 'qcow2'),
      sizeBytes: fc.nat(2 ** 20).map((sectors) => sectors * 512),
    },
    {
      fill: fc.oneof(
        fc.constantFrom('empty', 'seeded', 'full'),
        fc.record({ runs: fc.array(fc.tuple(fc.nat(), fc.nat())) }),
      ),
      open: fc.boolean(),
      readOnly: fc.boolean(),
      discard: fc.constantFrom('ignore', 'unmap'),
      frontend: fc.constantFrom('none', 'auto', 'drive', 'nbd'),
      layers: fc.array(
        fc.oneof(
          fc.record({ throttle: maybe({}, { iops: fc.nat() }) }),
          fc.record({ blkdebug: fc.array(anyError()) }),
        ),
        { maxLength: 4 },
      ),
    },
  );
}

function anyRest() {
  const text = fc.string({ unit: 'binary' });
  return maybe(
    {
      title: fc.string({ minLength: 1 }),
      steps: fc.array(anyStep(), { maxLength: 8 }),
      arena: maybe({}, { machine: fc.constantFrom('none', 'pc') }),
    },
    {
      comment: text,
      tags: fc.array(text),
      seed: fc.nat(),
      requires: maybe(
        {},
        { flavour: fc.constantFrom('system', 'daemon'), commands: fc.dictionary(plainText, fc.array(text)) },
      ),
    },
  );
}

function anyError() {
  return maybe(
    { errno: fc.constantFrom('EIO', 'ENOSPC', 'EPERM') },
    { iotype: fc.constantFrom('read', 'write', 'flush'), once: fc.boolean(), sector: fc.nat() },
  );
}

function anyStep(): fc.Arbitrary<Step> {
  const text = fc.string({ unit: 'binary' });
  const note = { note: text };
  const deadlineMs = fc.integer({ min: 1, max: 60_000 });
  const piece = fc.oneof(
    text,
    fc.record({ base64: fc.base64String() }),
    fc.record({ repeat: text, times: fc.nat(2 ** 21) }),
  );
  const reply = fc.oneof(
    fc.constantFrom('ok', 'error'),
    maybe({ class: text }, { desc: text }),
    fc.record({ return: anyJson }),
  );
  return fc.oneof(
    maybe(
      { qmp: text },
      {
        args: fc.dictionary(plainText, anyArgument),
        wait: fc.constant(false),
        oob: fc.constant(true),
        expect: reply,
        deadlineMs,
        ...note,
      },
    ),
    maybe(
      { raw: fc.oneof(piece, fc.array(piece)) },
      { splitAt: fc.array(fc.nat()), resync: fc.constant(false), expect: fc.constant('error'), ...note },
    ),
    maybe(
      { guest: fc.constantFrom('write', 'zero', 'discard', 'flush', 'read'), disk: text },
      {
        offsetBytes: fc.nat(),
        lengthBytes: fc.integer({ min: 1, max: 2 ** 30 }),
        pattern: fc.integer({ min: 1, max: 255 }),
        wait: fc.constant(false),
        ...note,
      },
    ),
    maybe(
      { fault: fc.constant('inject'), disk: text, errno: fc.constantFrom('EIO', 'ENOSPC') },
      { once: fc.boolean(), ...note },
    ),
    maybe({ fault: fc.constantFrom('sigstop', 'sigcont', 'sigkill') }, note),
    maybe(
      {
        await: fc.oneof(
          fc.constantFrom('READY', 'gone', 'reply', 'running'),
          maybe({ event: text }, { data: fc.dictionary(plainText, anyJson) }),
        ),
      },
      { job: text, expect: fc.constant('met'), deadlineMs },
    ),
    maybe({ pause: fc.nat(10_000) }, note),
  ) as unknown as fc.Arbitrary<Step>;
}

/** An object with all of `always` and any of `sometimes`. */
function maybe<A extends object, B extends object>(
  always: { [K in keyof A]: fc.Arbitrary<A[K]> },
  sometimes: { [K in keyof B]: fc.Arbitrary<B[K]> },
): fc.Arbitrary<A & Partial<B>> {
  return fc.record({ ...always, ...sometimes } as never, {
    requiredKeys: Object.keys(always) as never,
  }) as fc.Arbitrary<A & Partial<B>>;
}
