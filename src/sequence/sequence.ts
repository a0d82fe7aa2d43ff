import { z } from 'zod';
import { arenaSchema, imageFormats } from './arena.ts';
import { stepSchema } from './step.ts';

/** What is done: an arena and the steps carried out in it. Plain data, format version 1. */
export type Sequence = z.infer<typeof sequenceSchema>;

const image = z.union([
  z.string().meta({ description: 'a disk of the arena, or one made by `newDisk`' }),
  z.strictObject({ file: z.string(), format: z.enum(imageFormats) }),
]);

/** A claim about the images, looked at once QEMU has let go of them. */
export type AfterClaim = z.infer<typeof afterSchema>;
export const afterSchema = z.union([
  z.strictObject({ same: z.tuple([image, image]) }),
  z.strictObject({ check: image }),
  /** A guest boots from the image, and reads of it what is there. The image is read, too, as by `content`. */
  z.strictObject({ boots: image }),
  /** Nothing is claimed: the image is read, and the integrity rules look at what it holds. */
  z.strictObject({ content: image }),
]);
export type ImageRef = z.infer<typeof image>;

/** What a binary must have for the sequence to mean anything; a run without it is skipped, and says why. */
export type Requirement = z.infer<typeof requirementSchema>;
const requirementSchema = z.strictObject({
  flavour: z.enum(['system', 'daemon']).optional(),
  /** Command name -> arguments it must take, as `query-qmp-schema` lists them. */
  commands: z.record(z.string(), z.array(z.string())).optional(),
});

/** The QMP of another time: what a translator in front of the session makes of it (qmp/dialect/). */
export const dialects = ['rhel6', 'rhel7'] as const;
export type Dialect = (typeof dialects)[number];

export const sequenceSchema = z.strictObject({
  schema: z.literal(1),
  title: z.string().min(1),
  comment: z.string().optional(),
  tags: z.array(z.string()).optional(),
  /** What the content of filled disks is drawn from, beside their names; 0 when absent. */
  seed: z.int().min(0).optional(),
  requires: requirementSchema.optional(),
  /** What the steps speak; QEMU's own QMP when absent. */
  dialect: z.enum(dialects).optional(),
  arena: arenaSchema,
  steps: z.array(stepSchema),
  after: z.array(afterSchema).optional(),
});
