import { openFindings } from '../../src/findings/store.ts';
import { parseSequence } from '../../src/sequence/parse.ts';
import type { Step } from '../../src/sequence/step.ts';
import { crashFound, ruleNamed } from '../findings/found.ts';
import { unsound } from './sequence-files.ts';

const around = [
  { qmp: 'query-jobs', note: 'asked for nothing' },
  { qmp: 'query-block-jobs' },
  { pause: 1 },
  { qmp: 'query-named-block-nodes', args: { flat: true } },
] satisfies Step[];

/** Of its nine steps one claims what is not so. */
export const long = {
  arena: { disks: [{ name: 'src', format: 'qcow2', sizeBytes: 2 ** 20, fill: 'seeded' }] },
  steps: [...around, ...unsound.steps, ...around],
};

/** What that claim comes to. */
export const signature = 'claim/reply: query-version: success';

/** A finding of that, in a store. */
export function storeFinding(
  dir: string,
  found: { signature?: string; arena?: object; steps?: object[]; after?: object[] } = {},
): string {
  const { arena = long.arena, steps = long.steps, after = [], ...told } = found;
  const sequence = parseSequence(
    JSON.stringify({ schema: 1, title: 'long', ...{ arena, steps, after } }),
    'long',
  );
  return openFindings(dir).record(
    crashFound({
      rule: ruleNamed('claim/reply'),
      signature,
      sequence,
      original: sequence,
      qemu: { label: '7.2.22', version: '7.2.22', path: 'qemu-storage-daemon', flavour: 'daemon' },
      ...told,
    }),
  ).id;
}
