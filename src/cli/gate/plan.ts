import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readSeeds } from '../../campaign/feedback/seeds.ts';
import type { NamedSequence } from '../../campaign/run-all.ts';
import type { ProgramPlan } from '../../campaign/worker/worker-messages.ts';
import { jsonFilesBelow, readSequence } from '../../corpus/read.ts';
import { readScenarios } from '../../corpus/scenarios.ts';
import { UsageError } from '../../errors.ts';
import { listFindings } from '../../findings/list.ts';
import { readableSequence } from '../../findings/readable.ts';
import { storedFinding } from '../../findings/stored.ts';
import type { GatePlan } from '../../gate/gate.ts';
import { findingItems, type NamedFinding, sequenceItems } from '../../gate/items.ts';
import { openKnown } from '../../gate/known.ts';
import type { Sides } from '../../gate/lane.ts';
import { limits } from '../../gate/limits.ts';
import { divide } from '../../gate/plan.ts';
import { failures, type GateConfig, type GateFailure, inForce, policyOf } from '../../gate/policy.ts';
import type { StorageKind } from '../../sequence/arena.ts';
import { withoutOf } from '../../target/storage/usable.ts';
import type { Flavour } from '../../trace/observation.ts';
import { chosenProperties } from '../chosen-properties.ts';
import { durationMs } from '../duration.ts';
import { seedOf } from '../hunt.ts';
import { count, tool } from '../options.ts';
import { programsOf } from '../programs.ts';
import { ownCorpus } from '../scenario/options.ts';
import { markUnasked, parseStorage, storageOf } from '../storage-option.ts';
import { readConfig } from './config.ts';

export type PlanArgs = {
  candidate: string;
  baseline: string | undefined;
  config: string | undefined;
  time: string | undefined;
  sequences: number | undefined;
  seed: string | undefined;
  flavour: Flavour | 'both' | undefined;
  storage: string | undefined;
  properties: string | undefined;
  'fail-on': string | undefined;
  findings: string;
  corpus: string;
  workers: number;
};

/** `warnings`: what could not be read, and quarantines that are over. */
export type Planned = Omit<GatePlan, 'root'> & { withoutStorage: string[]; warnings: string[] };

/**
 * Everything that a gate needs, from options and mirrorfuzz.config.json; options go first. `there`: asked for the QEMUs of a
 * lab, which this machine need not have.
 */
export async function planOf(
  args: PlanArgs,
  there?: (of: SidesAsked) => Promise<SidesThere>,
): Promise<Planned> {
  const config = merged(readConfig(args.config), args);
  const budgetMs = config.time === undefined ? limits.defaultMs : durationMs('--time', config.time);
  const { sides, programs, workers } = await (there ?? sidesHere)({
    ...{ candidate: args.candidate, baseline: args.baseline, workers: args.workers },
    ...{ flavour: config.flavour ?? 'both', storage: config.storage },
  });
  const flavours = programs.map((program) => program.flavour);
  const storage = [...(programs[0]?.storage ?? [])];
  const { stored, complaints } = readStored(args.findings);
  const sequences = sequenceItems({ ...readCorpus(args.corpus), flavours, storage });
  const policy = policyOf(config);
  const today = new Date().toISOString().slice(0, 10);
  return {
    sides,
    flavours,
    stored,
    known: openKnown(stored.map(({ finding }) => finding)),
    policy,
    today,
    workers,
    tool,
    division: divide({
      budgetMs,
      workers,
      sequences: sequences.items,
      findings: findingItems(stored, flavours),
      hasBaseline: sides.baseline !== undefined,
    }),
    ...(args.sequences === undefined ? {} : { huntSequences: count('sequences')(args.sequences) }),
    hunt: await huntOf(config, programs, { workers, args }),
    withoutStorage: sequences.withoutStorage,
    warnings: [
      ...complaints,
      ...policy.quarantine
        .filter((each) => !inForce(each, today))
        .map(({ id, until }) => `the quarantine of ${id} ended on ${until}`),
    ],
  };
}

export type SidesAsked = {
  candidate: string;
  baseline: string | undefined;
  flavour: Flavour | 'both';
  storage: StorageKind[] | undefined;
  workers: number;
};

/** `programs`: the candidate's, all on the same storage. `workers`: how many items are looked at side by side. */
export type SidesThere = { sides: Sides; programs: readonly ProgramPlan[]; workers: number };

async function sidesHere({ workers, ...of }: SidesAsked): Promise<SidesThere> {
  const candidates = await programsNamed('candidate', of.candidate, of.flavour);
  const baselines = of.baseline === undefined ? [] : await programsNamed('baseline', of.baseline, 'both');
  const candidate = (candidates[0] as Programs[number]).target;
  const storage = await storageOf(candidate, of.storage);
  return {
    sides: { candidate, ...(baselines[0] ? { baseline: baselines[0].target } : {}) },
    programs: await Promise.all(
      candidates.map(async (program) => ({
        ...program,
        storage,
        without: markUnasked(await withoutOf(program.target), of.storage),
      })),
    ),
    workers,
  };
}

type Programs = Awaited<ReturnType<typeof programsOf>>;

async function huntOf(
  config: GateConfig,
  programs: readonly ProgramPlan[],
  { workers, args }: { workers: number; args: PlanArgs },
): Promise<GatePlan['hunt']> {
  const { seeds, complaints } = readSeeds(args.corpus);
  return {
    programs,
    workers,
    seed: seedOf(config.seed === undefined ? undefined : String(config.seed)),
    ...(await chosenProperties(config.properties?.join(','))),
    shrink: true,
    mask: true,
    feedback: true,
    seeds,
    complaints,
    tool,
  };
}

/** An option goes before the file. */
function merged(config: GateConfig, args: PlanArgs): GateConfig {
  const storage = parseStorage(args.storage);
  const failOn = parseFailOn(args['fail-on']);
  return {
    ...config,
    ...(args.time === undefined ? {} : { time: args.time }),
    ...(args.seed === undefined ? {} : { seed: args.seed }),
    ...(args.flavour === undefined ? {} : { flavour: args.flavour }),
    ...(storage === undefined ? {} : { storage }),
    ...(args.properties === undefined ? {} : { properties: args.properties.split(',') }),
    ...(failOn === undefined ? {} : { failOn }),
  };
}

function parseFailOn(text: string | undefined): GateFailure[] | undefined {
  if (text === undefined) return undefined;
  const words = text.split(',').filter((word) => word !== '');
  const unknown = words.find((word) => !failures.some((failure) => failure === word));
  if (unknown !== undefined)
    throw new UsageError(`--fail-on ${text}: there is no "${unknown}"`, failures.join(', '));
  return failures.filter((failure) => words.includes(failure));
}

/** What is said of `--qemu` elsewhere is said of that option here. */
async function programsNamed(
  option: 'candidate' | 'baseline',
  spec: string,
  flavour: Flavour | 'both',
): Promise<Programs> {
  try {
    return await programsOf([spec], flavour);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    throw new UsageError(error.message.replace(/^--qemu /, `--${option} `), error.remedy);
  }
}

function readStored(dir: string): { stored: NamedFinding[]; complaints: string[] } {
  const { findings, complaints } = listFindings(dir);
  const stored = findings.flatMap((finding): NamedFinding[] => {
    const at = join(dir, finding.id);
    const sequence = readableSequence(storedFinding(at));
    if (sequence) return [{ finding, file: join(at, 'sequence.json'), sequence }];
    complaints.push(`${at}/sequence.json: can't be read, so this finding is not replayed`);
    return [];
  });
  return { stored, complaints };
}

/** Scenarios of that corpus or, where it has none, of mirrorfuzz's own; every other sequence file is a regression. */
function readCorpus(dir: string): { scenarios: NamedSequence[]; regressions: NamedSequence[] } {
  const hasScenarios = scenarioFolders.some((folder) => existsSync(join(dir, folder)));
  const names = existsSync(dir) ? jsonFilesBelow(dir) : [];
  return {
    scenarios: readScenarios(hasScenarios ? dir : ownCorpus()),
    regressions: names
      .filter((name) => ![...scenarioFolders, 'hunt'].some((folder) => name.startsWith(`${folder}/`)))
      .map((name) => ({
        name: name.replace(/\.json$/, ''),
        file: join(dir, name),
        sequence: readSequence(join(dir, name)),
      })),
  };
}

const scenarioFolders = ['test-plan', 'test-plan-rhel6', 'scenarios'];
