import { join } from 'node:path';
import { EnvironmentError, UsageError } from '../../errors.ts';
import type { NewFinding } from '../../findings/new-finding.ts';
import { isShrunk } from '../../findings/same-defect.ts';
import { findingId } from '../../findings/signature.ts';
import { type Findings, openFindings } from '../../findings/store.ts';
import type { Sequence } from '../../sequence/sequence.ts';
import { spareDirOf } from './spare-dir.ts';

/** Records what a hunt finds, and never throws: what the store can't take is kept in another directory, or in memory. */
export type Recording = {
  record(found: NewFinding): Recorded;
  /** Known findings were met that many times more; one that is gone is recorded again. */
  metAgain(found: NewFinding, id: string, times: number): void;
};

export type Recorded = {
  id: string;
  isNew: boolean;
  joined: string[];
  path: string;
  /** As the store has it, which may be by hand. */
  title?: string;
  /** It is minimal already. */
  isMinimal: boolean;
  /** Debuggers have looked into it. */
  isExplained: boolean;
  unsaved?: Unsaved;
};

/** Why the store has it not, and all that is needed to show it. */
export type Unsaved = { reason: string; sequence: Sequence };

export function openRecording(store: Findings, warn: (message: string) => void): Recording {
  let elsewhere: Findings | undefined;

  return {
    record(found) {
      const recorded = attempt(() => into(store, found));
      return 'reason' in recorded ? rescued(found, recorded.reason) : recorded;
    },
    metAgain(found, id, times) {
      const met = attempt(() => store.metAgain(id, times));
      if (!met || !('reason' in met)) return;
      const recorded = attempt(() => into(store, { ...found, times }));
      if ('reason' in recorded) warn(recorded.reason);
    },
  };

  function into(findings: Findings, found: NewFinding): Recorded {
    const { spoilt, ...recorded } = findings.record(found);
    if (spoilt !== undefined) warn(`spoilt and set aside: ${spoilt}`);
    const path = join(findings.dir, recorded.id);
    const { finding } = findings.read(recorded.id);
    return {
      ...recorded,
      path,
      title: finding.title,
      isMinimal: isShrunk(finding),
      isExplained: finding.stacks !== undefined,
    };
  }

  /** What the store has already is lost by nothing, but a sequence that is simpler would be. */
  function rescued(found: NewFinding, reason: string): Recorded {
    warn(reason);
    const id = findingId(found.signature);
    const isNew = !isStored(id);
    const unsaved = { reason, sequence: found.sequence };
    if (!isNew && found.times !== 0)
      return { id, isNew, joined: [], path: join(store.dir, id), isMinimal: false, isExplained: false };
    const kept = attempt(() => {
      elsewhere ??= openFindings(spareDirOf(store.dir));
      return into(elsewhere, found);
    });
    if ('reason' in kept)
      return { id, isNew, joined: [], path: '', isMinimal: false, isExplained: false, unsaved };
    warn(`what ${store.dir} can't take is kept in ${elsewhere?.dir}`);
    return { ...kept, isNew, unsaved };
  }

  function isStored(id: string): boolean {
    try {
      return store.read(id).finding.id !== '';
    } catch {
      return false;
    }
  }
}

/** Whatever it was that failed: a bug of ours, too, must not take a finding along. */
function attempt<T>(work: () => T): T | { reason: string } {
  try {
    return work();
  } catch (error) {
    const known = error instanceof EnvironmentError || error instanceof UsageError;
    return { reason: known ? error.message : ((error as Error).stack ?? String(error)) };
  }
}
