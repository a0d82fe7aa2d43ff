import type { GuestOp } from '../../trace/observation.ts';

/** What the guest's device did that nothing explains. */
export type GuestFact = {
  shape: 'guest';
  /** `done`: though it was to fail. */
  is: 'failed' | 'done';
  op: GuestOp['op'];
  /** As the client was told. */
  said: string;
  /** The types of jobs that were at work then. */
  busy: readonly string[];
  /** The command that was carried out or refused before it asked. */
  since?: { command: string; refused: boolean };
};

export function guestWords({ is, op, said, busy, since }: GuestFact): string {
  const jobs = busy.length > 0 ? ` while ${busy.join(' and ')} ran` : '';
  const after = since
    ? `, asked for after ${since.command} was ${since.refused ? 'refused' : 'accepted'}`
    : '';
  if (is === 'done')
    return `the guest's ${op} was carried out${jobs}, though what was there could not be saved`;
  return `the guest's ${op} failed${jobs}${after}: ${said}`;
}

/** Which request meets it is the sequence's choice; what was in force is not. */
export function guestSignature(
  { is, said, busy, since }: GuestFact,
  plain: (text: string) => string,
): string {
  if (is === 'done') return 'guest request carried out, and nothing saved';
  const cause = busy.length > 0 ? busy.join(' and ') : (since?.command ?? 'nothing');
  return `guest request failed, ${cause}: ${plain(said)}`;
}
