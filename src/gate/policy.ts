import { z } from 'zod';
import { storageKinds } from '../sequence/arena.ts';
import { limits } from './limits.ts';

/** What the members of `failOn` are. */
export const failures = ['new', 'worse', 'scenario', 'regression'] as const;
export type GateFailure = (typeof failures)[number];

const kinds = ['crash', 'hang', 'protocol', 'state', 'integrity', 'leak', 'validation'] as const;

const quarantine = z
  .strictObject({
    id: z.string().regex(/^[0-9a-f]{12}$/, 'must be a finding’s id, twelve hexadecimal digits'),
    until: z.iso
      .date('must be a day as 2027-01-31')
      .describe('the last day on which it does not fail the gate'),
    reason: z.string().min(1).optional(),
  })
  .describe('a finding that does not fail the gate for a while');

export const gateConfig = z.strictObject({
  time: z.string().describe('budget, as 10m or 90s').optional(),
  seed: z
    .union([z.string(), z.int().min(0)])
    .describe('of the hunt')
    .optional(),
  flavour: z.enum(['system', 'daemon', 'both']).optional(),
  storage: z.array(z.enum(storageKinds)).min(1).describe('where images may lie').optional(),
  properties: z.array(z.string().min(1)).min(1).describe('what the hunt draws from').optional(),
  failOn: z
    .array(z.enum(failures))
    .describe(
      'what fails the gate: new findings, known ones that got worse, scenarios, regressions of the corpus. A new crash or new wrong data always does',
    )
    .optional(),
  kinds: z
    .array(z.enum(kinds))
    .describe('kinds of findings that fail the gate; crash and integrity always do')
    .optional(),
  failOnFlaky: z.boolean().describe('whether what shows now and then fails the gate, too').optional(),
  decidedShare: z
    .number()
    .min(0)
    .max(1)
    .describe(
      'of the items that were looked at, this share has to be decided, or the verdict is unknown; 0.8 when absent',
    )
    .optional(),
  reachedShare: z
    .number()
    .min(0)
    .max(1)
    .describe(
      'of the items that were planned, this share has to be looked at in time, or the verdict is unknown; 0.2 when absent',
    )
    .optional(),
  quarantine: z.array(quarantine).optional(),
});
export type GateConfig = z.infer<typeof gateConfig>;

/** mirrorfuzz.config.json. */
export const configSchema = z
  .strictObject({
    $schema: z.string().describe('for editors').optional(),
    gate: gateConfig.describe('the policy of `mirrorfuzz gate`').optional(),
  })
  .describe('mirrorfuzz.config.json');
export type Config = z.infer<typeof configSchema>;

export type Quarantine = { id: string; until: string; reason?: string | undefined };

/** What decides whether something that went wrong fails the gate. */
export type Policy = {
  failOn: readonly GateFailure[];
  kinds: readonly string[];
  failOnFlaky: boolean;
  decidedShare: number;
  reachedShare: number;
  quarantine: readonly Quarantine[];
};

export function policyOf({
  failOn,
  kinds: wanted,
  failOnFlaky,
  quarantine = [],
  ...shares
}: GateConfig): Policy {
  return {
    decidedShare: shares.decidedShare ?? limits.decidedShareMin,
    reachedShare: shares.reachedShare ?? limits.reachedShareMin,
    failOn: failOn ?? failures,
    kinds: wanted ?? kinds,
    failOnFlaky: failOnFlaky ?? false,
    quarantine,
  };
}

/** Whether that kind is a crash or wrong data, which no policy waives. */
export const isGrave = (kind: string): boolean => kind === 'crash' || kind === 'integrity';

/** `today` as 2026-11-29. The last day still counts. */
export const inForce = ({ until }: Quarantine, today: string): boolean => today <= until;
