import { type Affected, outcomeOf } from '../findings/affected.ts';
import type { Finding, Status } from '../findings/finding.ts';
import type { Flavour } from '../trace/observation.ts';
import type { ShownCount } from './sequential-test.ts';

/** A program of a QEMU, as `affected` names it. */
export type On = { version: string; flavour: Flavour };

/** What a store of findings says of a QEMU before the gate. */
export type KnownDefects = {
  /** The finding that a signature belongs to, where somebody has looked at it and it is known to show there. */
  knownBy(signature: string, on: On): Finding | undefined;
  /** How often the finding is known to show there; undefined where it should not show. */
  expected(finding: Finding, on: On): ShownCount | undefined;
  /** Whether the store has seen it on that version, or on an older one that stands for it: else it never was there. */
  wasThere(finding: Finding, on: On): boolean;
  /** Whether its sequence is known to break that instead, there. */
  failsOtherwise(finding: Finding, signature: string, on: On): boolean;
};

export function openKnown(findings: readonly Finding[]): KnownDefects {
  const bySignature = new Map<string, Finding[]>();
  for (const finding of findings)
    for (const signature of signaturesOf(finding))
      bySignature.set(signature, [...(bySignature.get(signature) ?? []), finding]);
  return {
    knownBy: (signature, on) => bySignature.get(signature)?.find((each) => expected(each, on) !== undefined),
    expected,
    wasThere(finding, on) {
      const row = nearest(finding.affected, on);
      return row !== undefined && row.ok > 0 && compare(row.version, on.version) <= 0;
    },
    failsOtherwise(finding, signature, on) {
      const row = nearest(finding.affected, on);
      return row?.outcome === 'fails-otherwise' && row.how?.startsWith(signature) === true;
    },
  };
}

/** All that a run of it may break. */
export function signaturesOf({ signature, beside = [], alsoBreaks = [] }: Finding): string[] {
  return [signature, ...beside, ...alsoBreaks.map((told) => told.signature)];
}

/** Only what somebody has looked at is known: a gate would wave through whatever a hunt has just recorded. */
const looked: readonly Status[] = ['confirmed', 'known', 'wontfix'];

function expected({ status, affected }: Finding, on: On): ShownCount | undefined {
  if (!looked.includes(status)) return undefined;
  const row = nearest(affected, on);
  return row && row.ok > 0 ? { shown: row.ok, of: row.of } : undefined;
}

/**
 * That version's own row. A version that was never tried is taken to be like the newest one before it, or else like the
 * oldest; of one version the other program stands in, and of several builds of it the one that shows it most.
 */
function nearest(affected: readonly Affected[], { version, flavour }: On): Affected | undefined {
  const tried = affected.filter((row) => row.of > 0 && outcomeOf(row) !== 'lacks');
  const own = tried.filter((row) => row.flavour === flavour);
  const rows = (own.length > 0 ? own : tried).toSorted((a, b) => compare(a.version, b.version));
  const like = rows.findLast((row) => compare(row.version, version) <= 0) ?? rows[0];
  const builds = rows.filter((row) => row.version === like?.version);
  return builds.toSorted((a, b) => b.ok / b.of - a.ok / a.of)[0];
}

const compare = (a: string, b: string): number => a.localeCompare(b, 'en', { numeric: true });
