import { nothing, schemaLacksIt } from './aspect.ts';
import type { Difference } from './compare.ts';

/** A change that is meant: differences that it explains are folded. */
export type ChangeRule = {
  name: string;
  /** The first version that has it; absent: any may bring it. */
  since?: string;
  statement: string;
  source: string;
  explains(difference: Difference, older: string, newer: string): boolean;
};

export const changeRules: readonly ChangeRule[] = [
  {
    name: 'members-added',
    statement: 'A query returns a member that it did not return before.',
    source:
      'docs/devel/qapi-code-gen.rst, "Compatibility considerations": members may be added to what a command returns; query-qmp-schema lists them',
    explains: ({ what }, older, newer) => what === 'members' && older === nothing && newer !== nothing,
  },
  {
    name: 'command-added',
    statement: 'A command that the older version does not have.',
    source:
      'qapi/error.json: CommandNotFound is the class of "the requested command has not been found"; query-qmp-schema lists them',
    explains: ({ what }, older, newer) =>
      what === 'outcome' && older === 'CommandNotFound' && newer !== 'CommandNotFound' && newer !== nothing,
  },
  {
    name: 'argument-added',
    statement: 'A member, or a value of one, that the older version does not have.',
    source:
      'docs/devel/qapi-code-gen.rst, "Compatibility considerations": members and values may be added to what a command takes; query-qmp-schema lists them',
    explains: ({ what }, older, newer) =>
      what === 'outcome' && older === schemaLacksIt && newer !== schemaLacksIt && newer !== nothing,
  },
  {
    name: 'format-specific-of-files',
    since: '8.0',
    statement: 'What is specific to the format is returned of a file, too.',
    source: 'qapi/block-core.json: ImageInfoSpecificKind has `file` since 8.0',
    explains: ({ subject }, older, newer) =>
      /\.format-specific\.type$/.test(subject) && newer === `file | ${older}`,
  },
  {
    name: 'singlestep-removed',
    since: '9.0',
    statement: 'query-status no longer returns `singlestep`.',
    source: `qapi/run-state.json: deprecated in 8.1; removed by "qapi: Remove deprecated 'singlestep' member of StatusInfo"`,
    explains: ({ subject }, older, newer) =>
      subject === 'query-status: singlestep' && older !== nothing && newer === nothing,
  },
  reworded('resize-of-busy-node', {
    since: '10.0',
    of: 'block_resize',
    was: /^Device 'TEXT' is in use$/,
    is: /^Node .* is busy: block device is in use by/,
  }),
];

/** The reply was one of several that the model allows there. */
export const mayDiffer = {
  name: 'model-allows-both',
  statement: 'The model allows each of the answers in a status that the job may have had.',
  source: 'mirrorfuzz rules state/verb-reply',
} as const;

/** The same refusal in other words. Only these pairs are folded: other words may be those of another check. */
function reworded(
  name: string,
  { since, of, was, is }: { since: string; of: string; was: RegExp; is: RegExp },
): ChangeRule {
  return {
    name,
    since,
    statement: `${of} is refused for the same reason in other words.`,
    source:
      'docs/interop/qmp-spec.rst: `desc` is a human-readable message, which clients should not parse; both texts seen, on 7.2 and on 10.0',
    explains: ({ what, subject }, older, newer) =>
      what === 'words' && subject === `reply to ${of}` && was.test(older) && is.test(newer),
  };
}

/** What folds a difference: rules that explain each step from one version to the next; undefined: nothing does. */
export function foldedBy(
  difference: Difference,
  versions: readonly string[],
): readonly Pick<ChangeRule, 'name' | 'statement' | 'source'>[] | undefined {
  const order = versions.map((_, i) => i).toSorted((a, b) => byVersion(versions[a] ?? '', versions[b] ?? ''));
  const folding = new Set<ChangeRule>();
  for (const [i, at] of order.entries()) {
    const before = order[i - 1];
    if (before === undefined) continue;
    const [older, newer] = [difference.values[before] ?? nothing, difference.values[at] ?? nothing];
    if (older === newer) continue;
    const rule = changeRules.find(
      (each) =>
        liesBetween(each, versions[before] ?? '', versions[at] ?? '') &&
        each.explains(difference, older, newer),
    );
    if (!rule) return difference.mayDiffer ? [mayDiffer] : undefined;
    folding.add(rule);
  }
  return [...folding];
}

const liesBetween = ({ since }: ChangeRule, older: string, newer: string): boolean =>
  since === undefined
    ? byVersion(older, newer) < 0
    : byVersion(older, since) < 0 && byVersion(since, newer) <= 0;

const byVersion = (a: string, b: string): number => a.localeCompare(b, 'en', { numeric: true });
