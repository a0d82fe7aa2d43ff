import type { GuestOp } from '../../trace/observation.ts';

/** What the guest's device did that nothing explains. */
export type GuestFact = {
  shape: 'guest';
  is: 'failed';
  op: GuestOp['op'];
  /** As the client was told. */
  said: string;
  /** The types of jobs that were at work then. */
  busy: readonly string[];
  /** The command that was carried out or refused before it asked. */
  since?: { command: string; refused: boolean };
};

export function guestWords({ op, said, busy, since }: GuestFact): string {
  const jobs = busy.length > 0 ? ` while ${busy.join(' and ')} ran` : '';
  const after = since
    ? `, asked for after ${since.command} was ${since.refused ? 'refused' : 'accepted'}`
    : '';
  return `the guest's ${op} failed${jobs}${after}: ${said}`;
}

/** Which request meets it is the sequence's choice; what was in force is not. */
export function guestSignature({ said, busy, since }: GuestFact, plain: (text: string) => string): string {
  const cause = busy.length > 0 ? busy.join(' and ') : (since?.command ?? 'nothing');
  return `guest request failed, ${cause}: ${plain(said)}`;
}
