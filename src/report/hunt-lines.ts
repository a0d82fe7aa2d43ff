import { styleText } from 'node:util';
import type { CampaignEvent } from '../campaign/campaign-event.ts';
import { limits } from '../campaign/limits.ts';
import { shortVersion } from '../campaign/trouble/requirement.ts';
import type { FindingKind } from '../judge/rule.ts';
import { printable } from '../printable.ts';
import type { HuntState } from './hunt-tally.ts';
import { doneWithout, withoutLine } from './without.ts';

/** A line for each change worth reporting; `all`: for each sequence that ran, too. */
export function eventLine(
  event: CampaignEvent,
  nowMs: number,
  { color, all }: { color: boolean; all: boolean },
): string | undefined {
  const paint: typeof styleText = (format, text) => (color ? styleText(format, text) : text);
  switch (event.kind) {
    case 'began': {
      const names = event.programs.map(({ target, flavour }) => `${target.version} ${flavour}`).join(', ');
      const known = event.findingsKnown > 0 ? `, ${counted(event.findingsKnown, 'finding')} known` : '';
      const without = withoutLine(doneWithout({ programs: event.programs, switchedOff: [] }));
      const where = names === '' ? 'with what workers offer' : `in ${printable(names)}`;
      return `hunting ${where}; seed ${event.seed}${known}${without === undefined ? '' : `\n${printable(without)}`}`;
    }
    case 'ran': {
      const { title, elapsedMs, coverage, violations } = event.ran;
      const went = violations.length > 0 ? `, ${counted(violations.length, 'violation')}` : '';
      return all
        ? `${clock(nowMs)}  ${printable(title)}: ${coverage.commands} commands in ${elapsedMs.toFixed(0)} ms, ${event.news.length} new${went}`
        : undefined;
    }
    case 'runs':
    case 'machines':
    case 'confirmed':
      return undefined;
    case 'found': {
      const { id, rule, title, steps, known, apartFrom } = event.discovery;
      const beside = apartFrom === undefined ? '' : `  (met as ${apartFrom}, and takes other commands)`;
      const mark = paint(known ? 'yellow' : 'red', known ? 'known' : 'FOUND');
      return `${clock(nowMs)}  ${mark}  ${id}  ${rule.name}  ${counted(steps, 'step')}  ${printable(title)}${beside}`;
    }
    case 'shrinking':
      return undefined;
    case 'shrunk': {
      const { discovery, executions, elapsedMs } = event;
      const { id, steps, reproduced, shrunk } = discovery;
      const rate = `${reproduced.ok}/${reproduced.of}`;
      const how = shrunk === 'done' ? 'minimal' : 'shorter';
      return `${clock(nowMs)}  ${paint('green', how.padEnd(7))} ${id}  ${counted(steps, 'step')}, reproduced ${rate}, ${counted(executions, 'execution')} in ${(elapsedMs / 1000).toFixed(1)} s`;
    }
    case 'explained':
      return `${clock(nowMs)}  ${paint('green', 'cause  ')} ${event.discovery.id}  ${printable(event.discovery.cause ?? '')}`;
    case 'switched-off': {
      const { thing, reason, remedy } = event.off;
      const mend = remedy === undefined ? '' : ` -> ${remedy}`;
      return `${clock(nowMs)}  ${paint('yellow', 'OFF')}    ${thing} failed ${limits.thingFailuresMax} times in a row and is not used any more: ${brief(reason, 160)}${mend}`;
    }
    case 'worker-lost':
      return `${clock(nowMs)}  a worker died and is replaced: ${lostText(event)}`;
    case 'warning':
      return `${clock(nowMs)}  ${paint('yellow', 'warning')}  ${printable(event.message)}`;
  }
}

/** "1 step", "2 steps". */
export const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;

/** How a worker was lost, and what is left of it. */
export function lostText(lost: { how: string; doing: string; suspects: readonly string[] }): string {
  const kept = lost.suspects.length > 0 ? `; kept: ${lost.suspects.join(', ')}` : '';
  return `${brief(lost.how)}, ${printable(lost.doing)}${kept}`;
}

/** What is going on, in one line: for a log, and the first of the live view. */
export function heartbeat(state: HuntState, nowMs: number, rates: Rates): string {
  const found = countByKind(state);
  return [
    clock(nowMs),
    `${state.sequences} sequences`,
    `${rates.sequences.toFixed(0)}/s`,
    `${rates.commands.toFixed(0)} commands/s`,
    `${state.features} features, the last one new ${seconds(nowMs - state.lastNewMs)} ago`,
    found === '' ? 'nothing found' : found,
  ].join('  ');
}

export type Rates = { sequences: number; commands: number };

/** The live view of a terminal. */
export function liveView(
  state: HuntState,
  nowMs: number,
  rates: Rates,
  budgetMs: number | undefined,
): string {
  const versions = [...new Set(state.programs.map(({ target }) => shortVersion(target.version)))].join(', ');
  const waiting = state.discoveries.filter(({ shrunk }) => shrunk === 'queued').length;
  return [
    `QEMU ${versions}   ${clock(nowMs)}${budgetMs === undefined ? '' : ` of ${clock(budgetMs)}`}   seed ${state.seed}`,
    `  ${state.sequences} sequences, ${rates.sequences.toFixed(0)}/s, ${rates.commands.toFixed(0)} commands/s; ${percent(state.coverage.accepted, state.coverage.commands)} accepted`,
    `  ${state.features} features, the last new one ${seconds(nowMs - state.lastNewMs)} ago; ${state.interesting} sequences kept`,
    `  findings: ${countByKind(state) || 'none'}${waiting > 0 ? `; ${waiting} to be shrunk` : ''}`,
    `  trying: ${state.trying.filter(Boolean).join(', ') || '…'}`,
  ].join('\n');
}

export function clock(ms: number): string {
  const whole = Math.max(0, Math.floor(ms / 1000));
  const pad = (part: number): string => String(part).padStart(2, '0');
  const hours = Math.floor(whole / 3600);
  return `${hours > 0 ? `${hours}:` : ''}${pad(Math.floor(whole / 60) % 60)}:${pad(whole % 60)}`;
}

export const percent = (part: number, whole: number): string =>
  whole === 0 ? '-' : `${((100 * part) / whole).toFixed(part / whole < 0.1 ? 1 : 0)} %`;

function countByKind({ discoveries }: HuntState): string {
  const counts = new Map<FindingKind, number>();
  for (const { rule } of discoveries) counts.set(rule.kind, (counts.get(rule.kind) ?? 0) + 1);
  return [...counts].map(([kind, count]) => `${count} ${kind}`).join(', ');
}

const seconds = (ms: number): string => `${Math.max(0, ms / 1000).toFixed(0)} s`;

/** One line, cut where a terminal would. */
export function brief(text: string, width = 90): string {
  const line = printable(text.replaceAll(/\s+/g, ' '));
  return line.length > width ? `${line.slice(0, width - 1)}…` : line;
}
