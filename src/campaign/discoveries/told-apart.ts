import { EnvironmentError, UsageError } from '../../errors.ts';
import { isVague } from '../../findings/apart.ts';
import type { Finding } from '../../findings/finding.ts';
import type { NewFinding } from '../../findings/new-finding.ts';
import { isOtherCause, mayHideAnother } from '../../findings/other-cause.ts';
import { readable } from '../../findings/readable.ts';
import { compareCauses } from '../../findings/stacks/cause.ts';
import { type Stack, withFresh } from '../../findings/stacks/stack.ts';
import type { Findings, RecordedInStore } from '../../findings/store.ts';
import { printSequence } from '../../sequence/print.ts';
import type { Sequence } from '../../sequence/sequence.ts';
import { findDebuggers } from '../../target/debuggers/debuggers.ts';
import type { ShrinkEnded } from '../worker/worker-messages.ts';

/** `isMinimal`: which commands it takes counts only then. `see`: what gdb sees of a sequence; nothing without gdb. */
export type Telling = { isMinimal: boolean; see(sequence: Sequence): Promise<readonly Stack[]> };

/**
 * Records what nobody has compared yet with what the store has. A signal without words is many defects: gdb looks first
 * where it fails, and where the findings of that signature fail on the same QEMU, if their stacks can't be compared.
 * `unsure`: why nothing has shown that it is the defect as which it counts.
 */
export async function recordToldApart(
  store: Findings,
  found: NewFinding,
  { isMinimal, see }: Telling,
): Promise<RecordedInStore & { unsure?: Unsure }> {
  const { signature, sequence } = found;
  if (!mayHideAnother(signature)) return store.record(found);
  const seen = await see(sequence);
  const told = { ...found, stacks: [...(found.stacks ?? []), ...seen] };
  const alike = alikeIn(store, signature);
  const causes = [];
  for (const known of alike) causes.push(await compared(known));
  const [first] = alike;
  const isOther =
    first && isMinimal && causes.every((each) => each === 'unknown') && takeOther(alike, sequence);
  const recorded = store.record(isOther ? { ...told, apartFrom: first.finding.id } : told);
  const isToldApart = recorded.isNew || isOther || causes.includes('same') || !isVague(signature);
  if (isToldApart || alike.some((known) => isAgain(known, sequence))) return recorded;
  return { ...recorded, unsure: why(seen) };

  async function compared({ finding, sequence: theirs }: Alike): Promise<ReturnType<typeof compareCauses>> {
    const cause = compareCauses(finding.stacks ?? [], told.stacks);
    if (cause !== 'unknown' || !theirs || seen.length === 0) return cause;
    const fresh = await see(theirs);
    if (fresh.length === 0) return cause;
    store.setStacks(finding.id, fresh);
    return compareCauses(withFresh(finding.stacks ?? [], fresh), told.stacks);
  }
}

/** The known finding's sequence, where no debugger has seen it fail on that QEMU. */
export function toLookAt(store: Findings, id: string, label: string): Sequence | undefined {
  const known = readable(() => store.read(id));
  const isSeen = known?.finding.stacks?.some(({ qemu }) => qemu.label === label);
  return known && !isSeen ? readable(() => known.sequence()) : undefined;
}

/** What debuggers saw of a known finding; what they saw of it just now is kept where only that can be compared. */
export function stacksOfKnown(store: Findings, id: string, ended: ShrinkEnded): readonly Stack[] {
  const { stacks = [], againstStacks = [] } = ended;
  const before = readable(() => store.read(id).finding.stacks) ?? [];
  if (againstStacks.length === 0 || compareCauses(before, stacks) !== 'unknown') return before;
  try {
    store.setStacks(id, againstStacks);
  } catch (error) {
    if (!(error instanceof EnvironmentError || error instanceof UsageError)) throw error; // it is compared all the same
  }
  return withFresh(before, againstStacks);
}

/** Why nothing has shown that what a campaign met again is that known finding; undefined where something has. */
export function whyUnsure(
  store: Findings,
  id: string,
  { signature, stacks = [], sequence, shown }: ShrinkEnded,
  before: readonly Stack[],
): Unsure | undefined {
  if (!shown || !isVague(signature) || compareCauses(before, stacks) !== 'unknown') return undefined;
  const known = readable(() => store.read(id).sequence());
  return known && isAgain({ sequence: known }, sequence) ? undefined : why(stacks);
}

/** In one line: it counts as that finding, and may be another one. */
export const unsureWords = (id: string, unsure: Unsure): string =>
  `it counts as ${id}, and may be another defect with the same signature: ${whys[unsure]}`;

export type Unsure = keyof typeof whys;

const whys = {
  'no gdb': 'gdb is not installed, so nobody saw where it fails',
  'not seen': 'gdb did not see it fail',
  'not comparable': 'their stacks say too little to compare them',
} as const;

const why = (seen: readonly Stack[]): Unsure =>
  seen.length > 0 ? 'not comparable' : findDebuggers().gdb === undefined ? 'no gdb' : 'not seen';

type Alike = { finding: Finding; sequence: Sequence | undefined };

const alikeIn = (store: Findings, signature: string): Alike[] =>
  store
    .list()
    .findings.filter((finding) => finding.signature === signature)
    .map((finding) => ({ finding, sequence: readable(() => store.read(finding.id).sequence()) }));

const takeOther = (alike: readonly Alike[], own: Sequence): boolean =>
  alike.every(({ sequence }) => sequence !== undefined && isOtherCause(sequence, own));

/** The same steps on the same disks. */
const isAgain = ({ sequence }: Pick<Alike, 'sequence'>, own: Sequence): boolean =>
  sequence !== undefined && bare(sequence) === bare(own);

const bare = ({ schema, arena, steps }: Sequence): string =>
  printSequence({ schema, title: '', arena, steps });
