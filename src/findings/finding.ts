import { z } from 'zod';
import { UsageError } from '../errors.ts';
import type { Fact } from '../judge/facts/fact.ts';
import { currentRule, currentSignature } from '../judge/renamed-rules.ts';
import { printableJson } from '../printable.ts';
import { isJsonObject } from '../sequence/json-object.ts';
import type { Json } from '../sequence/step.ts';
import { ablationSchema } from './ablated.ts';
import { affectedSchema, reproducedSchema } from './affected.ts';
import { type Impact, impactOfKind, impacts } from './impact.ts';
import { reaches } from './reach.ts';
import { stacks } from './stacks/stack.ts';

export const statuses = ['new', 'confirmed', 'known', 'fixed', 'wontfix'] as const;
export type Status = (typeof statuses)[number];

/** As judge/facts/ has them; nobody else writes these. */
const facts = z.custom<Fact>((value) => isJsonObject(value as Json) && 'shape' in (value as object));

/**
 * About the cause, or why the status is what it is. `by`: rows of the ablation, or debuggers whose stack shows it
 * (shown-by.ts); older findings have a sentence of somebody's there, or the text alone.
 */
const note = z.union([
  z.string().transform((text) => ({ text, is: 'guess' as const })),
  z.object({ text: z.string(), is: z.literal('guess') }),
  z.object({
    text: z.string(),
    is: z.literal('verified'),
    by: z.union([z.string().transform((one) => [one]), z.array(z.string()).min(1)]),
  }),
]);
export type Note = z.infer<typeof note>;

/** How often the block of README.md, run by bash alone, showed it; `label` is the QEMU. It stops at the first time. */
const blockRuns = z.object({ ...reproducedSchema.shape, label: z.string() });
export type BlockRuns = z.infer<typeof blockRuns>;

const findingSchema = z.object({
  schema: z.union([z.literal(1), z.literal(2)]),
  id: z.string().regex(/^[0-9a-f]{12}$/, 'twelve hexadecimal digits'),
  kind: z.enum(['crash', 'hang', 'protocol', 'state', 'integrity', 'leak', 'validation']),
  rule: z.string().transform(currentRule),
  /** What the rule claims, and what that rests on. */
  statement: z.string(),
  source: z.string(),
  signature: z.string().transform(currentSignature),
  title: z.string(),
  /** Somebody has put the title so, and it stays. */
  titledByHand: z.literal(true).optional(),
  /** Older findings say neither. */
  impact: z.enum(impacts).optional(),
  reach: z.enum(reaches).optional(),
  /** How the trace breaks the rule; `at` is a line of trace.jsonl, from 0, `step` the step's index. */
  violation: z.object({
    /** Format 1 has but the sentence. */
    facts: facts.optional(),
    text: z.string(),
    at: z.int().min(0),
    step: z.int().min(0).optional(),
  }),
  status: z.enum(statuses),
  /** What else the run broke from which `violation` is, by signature. */
  beside: z.array(z.string()).optional(),
  /** Other rules that the same defect breaks; their ids are links to this directory. `otherSteps`: not by this sequence. */
  alsoBreaks: z
    .array(
      z.object({
        rule: z.string(),
        signature: z.string(),
        text: z.string(),
        otherSteps: z.literal(true).optional(),
      }),
    )
    .optional(),
  note: note.optional(),
  /** What debuggers saw of it, the last first. */
  stacks: stacks.optional(),
  /** The finding that has the same signature, and what is minimal for it takes other commands. */
  apartFrom: z.string().optional(),
  links: z.array(z.string()),
  /** Times it was met. */
  count: z.int().min(1),
  firstSeen: z.iso.datetime(),
  lastSeen: z.iso.datetime(),
  /** Since the hunt began. */
  firstSeenMs: z.number().min(0),
  /** Seeds of the hunts that met it, the last ones. */
  seeds: z.array(z.string()),
  /** What the minimal sequence ran on. */
  flavour: z.enum(['system', 'daemon']),
  commandLine: z.array(z.string()).optional(),
  tool: z.object({ name: z.string(), version: z.string() }),
  /** Labels of the QEMUs that show it. */
  qemu: z.array(z.string()),
  affected: z.array(affectedSchema),
  /** Of status `fixed`: the first version known that does not show it any more. */
  fixedIn: z.string().optional(),
  /** What of the minimal sequence is decisive. */
  ablation: ablationSchema.optional(),
  block: blockRuns.optional(),
  /** Of the minimal sequence. */
  steps: z.int().min(0),
  reproduced: reproducedSchema,
  /** Runs that shrinking took, in all. */
  executions: z.int().min(0),
  /** The finding's directory, from the store's. */
  path: z.string(),
  /** Somebody has looked at it: its status is not `new`. */
  known: z.boolean(),
});

/** finding.json, format version 2 or 1. */
export type Finding = z.infer<typeof findingSchema>;

/** As it says itself, else as its kind suggests. */
export const impactOfFinding = ({ impact, kind }: Pick<Finding, 'impact' | 'kind'>): Impact =>
  impact ?? impactOfKind(kind);

/** Throws UsageError naming file and field where the text is no finding. */
export function parseFinding(text: string, file: string): Finding {
  let value: Json;
  try {
    value = JSON.parse(text);
  } catch (error) {
    const why = (error as Error).message.replaceAll(/\s+/g, ' '); // it quotes the text, newlines and all
    throw new UsageError(`${file}: not JSON: ${why}`);
  }
  const parsed = findingSchema.safeParse(currentFields(value));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const field = issue?.path.join('.') || 'the file';
  throw new UsageError(`${file}: ${field}: ${issue?.message ?? 'not a finding'}`);
}

/** `alsoBreaks` was called `toldBy` once. */
function currentFields(value: Json): Json {
  if (!isJsonObject(value) || !('toldBy' in value)) return value;
  const { toldBy, ...others } = value;
  return { ...others, ...(toldBy === undefined ? {} : { alsoBreaks: toldBy }) };
}

export const printFinding = (finding: Finding): string =>
  printableJson(`${JSON.stringify(finding, null, 2)}\n`);
