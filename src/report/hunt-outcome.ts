import { allowsPass } from './decided.ts';
import { decidedIn, type HuntState } from './hunt-tally.ts';
import { inputCoverage } from './input-coverage.ts';
import { machine } from './machine.ts';
import { confinementOf, confinementOfMachines } from './opening-lines.ts';
import { qemuOutcome } from './qemu-outcome.ts';
import { ruleLines } from './rules-tally.ts';
import { doneWithout } from './without.ts';

/** The contract's JSON object for a hunt. */
export function huntOutcome(
  state: HuntState,
  about: {
    tool: { name: string; version: string };
    options: Record<string, unknown>;
    startedAt: Date;
    elapsedMs: number;
    interrupted: boolean;
  },
) {
  const { coverage } = state;
  const decided = decidedIn(state);
  const rulesOn = (version: string) => ruleLines(state.byVersion[version]?.rules ?? {});
  return {
    schema: 1,
    tool: about.tool,
    qemu: state.programs.map(({ target, flavour }) => qemuOutcome(target, flavour)),
    seed: state.seed,
    options: about.options,
    startedAt: about.startedAt.toISOString(),
    elapsedMs: Math.round(about.elapsedMs),
    sequences: state.sequences,
    commands: state.commands,
    guestWrites: state.guestWrites,
    faultsInjected: state.faultsInjected,
    restarts: state.restarts,
    coverage: {
      ...coverage,
      features: state.features,
      ...(state.edges > 0 ? { edges: state.edges } : {}),
      acceptedShare: share(coverage.accepted, coverage.commands),
      vacuousShare: share(coverage.vacuous, coverage.sequences),
      maskedSteps: state.masked,
      byVersion: byVersionOf(state).map((each) => ({ ...each, rules: rulesOn(each.version) })),
      byCommand: inputCoverage(state),
    },
    history: state.history,
    machine: machine(),
    findings: state.discoveries.map((found) => ({
      id: found.id,
      kind: found.rule.kind,
      rule: found.rule.name,
      signature: found.signature,
      title: found.title,
      firstSeenMs: found.firstSeenMs,
      steps: found.steps,
      reproduced: found.reproduced,
      qemu: found.qemu,
      path: found.path,
      known: found.known,
      count: found.count,
      impact: found.impact,
      reach: found.reach,
      facts: found.facts,
      ...(found.unsaved ? { unsaved: found.unsaved } : {}),
    })),
    decided,
    rules: state.rules.rules,
    judgedInFull: { traces: state.rules.inFull, of: state.rules.traces },
    workersLost: state.workersLost,
    warnings: state.warnings,
    undecided: state.undecided,
    confinement: state.machines ? confinementOfMachines(state.machines) : confinementOf(state.programs),
    ...(state.machines ? { machines: state.machines } : {}),
    without: doneWithout(state),
    interrupted: about.interrupted,
    verdict:
      state.discoveries.length > 0
        ? ('fail' as const)
        : about.interrupted || !allowsPass(decided)
          ? ('unknown' as const)
          : ('pass' as const),
  };
}

/** Of each version where there are several; of one it is the whole. */
export const byVersionOf = ({ byVersion, programs }: Pick<HuntState, 'byVersion' | 'programs'>) =>
  Object.entries(byVersion).map(([version, { coverage }]) => {
    const { triples, transitions, values } = coverage;
    const own = programs.filter(({ target }) => target.version === version);
    return { version, triples, transitions, values, byCommand: inputCoverage({ coverage, programs: own }) };
  });

const share = (part: number, whole: number): number => (whole === 0 ? 0 : Number((part / whole).toFixed(4)));
