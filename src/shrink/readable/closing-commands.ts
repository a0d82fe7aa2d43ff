import type { Fact } from '../../judge/facts/fact.ts';
import type { FindingKind } from '../../judge/rule.ts';
import { isReadable } from '../../qmp/readable.ts';
import type { QmpStep } from '../../sequence/step.ts';
import type { Trace } from '../../trace/observation.ts';

/** Where a trace shows a failure: `left` are the nodes that it is about, where that is what was left behind. */
export type ShownAt = { trace: Trace; at: number; kind: FindingKind; left?: readonly string[] };

export const shownAt = (
  trace: Trace,
  kind: FindingKind,
  { at, facts }: { at: number; facts?: Fact | undefined },
): ShownAt => ({
  trace,
  at,
  kind,
  ...(facts?.shape === 'left' && facts.what === 'node' ? { left: facts.names } : {}),
});

/**
 * Where a failure showed after the steps: the commands up to there by which jobs were ended and the arena was taken
 * apart; of nodes left behind, those that let go of the first one. None where a step showed it.
 */
export function closingCommands({ trace, at, kind, left }: ShownAt): QmpStep[] {
  if (kind !== 'crash' && kind !== 'hang' && left === undefined) return [];
  let phase = '';
  const commands = trace.slice(0, at + 1).flatMap((seen): QmpStep[] => {
    if (seen.kind === 'phase') phase = seen.phase;
    if (seen.kind !== 'command' || (phase !== 'settle' && phase !== 'teardown')) return [];
    if (/^(query-|qom-|object-del|quit)/.test(seen.name) || !isReadable(seen.args)) return [];
    return [{ qmp: seen.name, args: seen.args }];
  });
  if (left === undefined) return commands;
  return commands.filter(({ qmp, args }) => qmp !== 'blockdev-del' || args?.['node-name'] === left[0]);
}

/** What tells that one of them is among the steps. Whatever lets go of exports before does not. */
export function closingNames(where: ShownAt): string[] {
  const names = closingCommands(where).map(({ qmp }) => qmp);
  return where.left === undefined
    ? [...new Set(names)]
    : names.filter((name) => name === 'blockdev-del').slice(0, 1);
}
