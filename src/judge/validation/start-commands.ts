import { jobOf } from '../../qemu/cards.ts';
import type { Json } from '../../sequence/step.ts';
import type { Exchange } from '../reading/evidence.ts';
import { asStored } from './numbers.ts';

/** A command that starts a block job on nodes that are there, with its arguments as a stored trace has them. */
export type Start = { exchange: Exchange; args: Record<string, Json> };

export function startsOf(exchanges: readonly Exchange[]): Start[] {
  return exchanges
    .filter(({ name }) => jobOf(name)?.kind === 'block')
    .map((exchange) => ({ exchange, args: asStored(exchange.args) as Record<string, Json> }));
}

/** The id that the job would have; undefined where QEMU would take the drive's, or refuse. */
export const givenId = ({ args }: Start): string | undefined =>
  typeof args['job-id'] === 'string' ? args['job-id'] : undefined;
