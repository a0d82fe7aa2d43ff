import { z } from 'zod';
import { arenaSchema } from './arena.ts';
import { stepSchema } from './step.ts';

/** What is done: an arena and the steps carried out in it. Plain data, format version 1. */
export type Sequence = z.infer<typeof sequenceSchema>;

const image = z.union([
  z.string().meta({ description: 'a disk of the arena, or one made by `newDisk`' }),
  z.strictObject({ file: z.string(), format: z.enum(['raw', 'qcow2']) }),
]);

/** A claim about the images, looked at once QEMU has let go of them. */
export type AfterClaim = z.infer<typeof afterSchema>;
export const afterSchema = z.union([
  z.strictObject({ same: z.tuple([image, image]) }),
  z.strictObject({ check: image }),
  /** Nothing is claimed: the image is read, and the integrity rules look at what it holds. */
  z.strictObject({ content: image }),
]);
export type ImageRef = z.infer<typeof image>;

/** What a binary must have for the sequence to mean anything; a run without it is skipped, and says why. */
export type Requirement = z.infer<typeof requirementSchema>;
const requirementSchema = z.strictObject({
  flavour: z.enum(['system', 'daemon']).optional(),
  /** Command name -> arguments it must take, as `query-qmp-schema` tells them. */
  commands: z.record(z.string(), z.array(z.string())).optional(),
});

export const sequenceSchema = z.strictObject({
  schema: z.literal(1),
  title: z.string().min(1),
  comment: z.string().optional(),
  tags: z.array(z.string()).optional(),
  /** What the content of filled disks is drawn from, beside their names; 0 when absent. */
  seed: z.int().min(0).optional(),
  requires: requirementSchema.optional(),
  arena: arenaSchema,
  steps: z.array(stepSchema),
  after: z.array(afterSchema).optional(),
});
