import { asError } from '../campaign/trouble/trouble.ts';
import { openTroubles } from '../campaign/trouble/troubles.ts';
import type { ProgramPlan, Ran, ToWorker } from '../campaign/worker/worker-messages.ts';
import type { EnvironmentError } from '../errors.ts';
import type { Optional } from '../sequence/optional.ts';
import type { Campaign, Offer } from './messages.ts';

/** The programs of a worker's machine, and what of them fails too often to be used any more. */
export type OwnPrograms = {
  plans(): readonly ProgramPlan[];
  /** By the key of an offer. */
  planOf(key: string): ProgramPlan | undefined;
  isOff(at: number): boolean;
  /** Those that still work. */
  offers(): readonly Offer[];
  /** Candidates of a gate that this machine can compare with their baseline, on all the storage that its items want. */
  gates(campaign: Campaign | undefined): string[];
  /** The machine let a sequence run, or did not. */
  met(at: number, ran: Ran): void;
};

export function openOwnPrograms(
  given: readonly ProgramPlan[],
  of: {
    offers: readonly Offer[];
    warn(message: string): void;
    toLanes(message: ToWorker): void;
    /** Nothing works here. */
    hopeless(error: EnvironmentError): void;
  },
): OwnPrograms {
  const programs = [...given];
  const named = programs.map(({ target, flavour }) => ({ qemu: target.path, program: `QEMU ${flavour}` }));
  const troubles = openTroubles(named);

  return {
    plans: () => programs,
    planOf: (key) => programs[of.offers.findIndex((offer) => offer.key === key)],
    isOff,
    offers: () => of.offers.filter((_, at) => !isOff(at)),
    gates(campaign) {
      const storage = campaign?.storage ?? [];
      const here = new Set(
        of.offers
          .filter((offer, at) => !isOff(at) && storage.every((kind) => offer.storage.includes(kind)))
          .map(({ key }) => key),
      );
      return (campaign?.sides ?? [])
        .filter(
          ({ candidate, baseline }) => here.has(candidate) && (baseline === undefined || here.has(baseline)),
        )
        .map(({ candidate }) => candidate);
    },
    met(at, { uses, trouble, reason }) {
      const where = named[at];
      if (!where || (!trouble && reason !== undefined)) return;
      const { off, hopeless } = troubles.note({ ...where, uses, ...(trouble ? { trouble } : {}) });
      if (off) {
        of.warn(`${off.thing} is not used any more: ${off.reason}`);
        if (!off.thing.startsWith('QEMU ')) leaveOut(off.qemu, off.thing as Optional, off.reason);
      }
      if (hopeless) of.hopeless(asError(hopeless));
    },
  };

  function isOff(at: number): boolean {
    const { qemu = '', program = '' } = named[at] ?? {};
    return troubles.isOff(qemu, program);
  }

  function leaveOut(qemu: string, thing: Optional, lacks: string): void {
    for (const [at, program] of programs.entries())
      if (program.target.path === qemu)
        programs[at] = { ...program, without: [...(program.without ?? []), { thing, lacks }] };
    of.toLanes({ kind: 'switch-off', qemu, without: { thing, lacks } });
  }
}
