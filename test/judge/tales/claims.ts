import { about, type Tale } from '../tale.ts';

const disk = { name: 'src', format: 'raw', sizeBytes: 512 } as const;

/** What a sequence claims of itself. */
export const claimTales: readonly Tale[] = [
  ...about('claim/reply', {
    broken: {
      'an error that the step says will be success': {
        steps: [{ qmp: 'query-jobs', expect: 'ok' }],
        story: `
        > query-jobs step=0
        < GenericError: no`,
      },
      'a list that has more than the step says': {
        steps: [{ qmp: 'query-block-exports', expect: { return: [] } }],
        story: `
        > query-block-exports step=0
        < [1]`,
      },
      'raw bytes that should give an error and give none': {
        steps: [{ raw: '{', expect: 'error' }],
        story: '~ raw-sent text="{" sizeBytes=1 step=0',
      },
    },
    kept: {
      'the error is of the class the step says, and has its words': {
        steps: [{ qmp: 'query-jobs', expect: { class: 'GenericError', desc: 'no' } }],
        story: `
        > query-jobs step=0
        < GenericError: there is no such thing`,
      },
      'members that the step does not name are free': {
        steps: [{ qmp: 'query-version', expect: { return: { qemu: { major: 7 } } } }],
        story: `
        > query-version step=0
        < {"qemu": {"major": 7, "minor": 2}, "package": ""}`,
      },
      'the same id was answered before': {
        steps: [{ qmp: 'query-jobs', expect: 'error' }],
        story: `
        > query-version
        < ok
        > query-jobs step=0
        < GenericError: no`,
      },
    },
  }),
  ...about('claim/await', {
    broken: {
      'what is awaited does not come': {
        steps: [{ await: 'READY', expect: 'met' }],
        story: '~ await step=0 outcome=expired waitedUs=300000',
      },
      'what is awaited can not come any more': {
        steps: [{ await: 'READY', expect: 'met' }],
        story: '~ await step=0 outcome=moot waitedUs=10',
      },
    },
    kept: {
      'nobody said that it must come': {
        steps: [{ await: 'READY' }],
        story: '~ await step=0 outcome=expired waitedUs=300000',
      },
    },
  }),
  ...about('claim/guest', {
    broken: {
      'a write fails that should succeed': {
        arena: { disks: [disk] },
        steps: [{ guest: 'write', disk: 'src', expect: 'ok' }],
        story: `
        ~ guest-begin request=0 disk=src op={"op":"flush"} via=nbd step=0
        ~ guest-end request=0 result=error`,
      },
    },
    kept: {
      'the write that fails is another': {
        arena: { disks: [disk] },
        steps: [
          { guest: 'write', disk: 'src', expect: 'ok' },
          { guest: 'write', disk: 'src', expect: 'error' },
        ],
        story: `
        ~ guest-begin request=0 disk=src op={"op":"flush"} via=nbd step=0
        ~ guest-begin request=1 disk=src op={"op":"flush"} via=nbd step=1
        ~ guest-end request=1 result=error
        ~ guest-end request=0 result=ok`,
      },
    },
  }),
  ...about('claim/image', {
    broken: {
      'two images differ that should be the same': {
        after: [{ same: ['src', 'dst'] }],
        story: '~ image claim=0 outcome=broken text="differs"',
      },
      'an image can not be read': {
        after: [{ check: 'dst' }],
        story: '~ image claim=0 outcome=unreadable text="gone"',
      },
    },
    kept: {
      'they are the same': {
        after: [{ same: ['src', 'dst'] }],
        story: '~ image claim=0 outcome=holds text=""',
      },
    },
  }),
];
