import type { Bar, Lane } from '../page/model.ts';
import type { Trace } from '../trace/observation.ts';
import { timelineOf } from './page/timeline.ts';
import { terminalColumns } from './wrapped.ts';

/**
 * Each job's statuses and each guest's requests in a line, in the order in which things changed and not to scale: a status
 * that lasts a microsecond is seen beside one that lasts a second. Nothing where there were neither jobs nor requests.
 * `at`: the observation that breaks a rule, marked below.
 */
export function laneChart(trace: Trace, at?: number): string[] {
  const { lanes } = timelineOf(trace);
  const drawn = lanes.filter(({ of }) => of === 'job' || of === 'guest').slice(0, lanesMax);
  if (drawn.length === 0) return [];
  const nameColumns = Math.min(nameColumnsMax, Math.max(...drawn.map(({ name }) => name.length)));
  const columns = terminalColumns - nameColumns - indent.length - 1;
  const placeOf = ordinalPlaces(drawn, columns);
  const lines = drawn.map(
    (lane) =>
      `${indent}${lane.name.slice(0, nameColumns).padEnd(nameColumns)} ${rowOf(lane, placeOf, columns)}`,
  );
  const us = at === undefined ? undefined : trace[at]?.us;
  const mark =
    us === undefined
      ? []
      : [
          `${indent}${' '.repeat(nameColumns)} ${' '.repeat(Math.min(columns - markText.length, placeOf(us)))}${markText}`,
        ];
  return [...lines, ...mark].map((line) => line.trimEnd());
}

const indent = '  ';
const markText = '^ a rule is broken';
const nameColumnsMax = 16;
/** What a screen has room for beside the rest. */
const lanesMax = 12;

/** The column of a time: that of the last change until then. Changes share the columns evenly, as far as they go round. */
function ordinalPlaces(lanes: readonly Lane[], columns: number): (us: number) => number {
  const changes = [
    ...new Set(lanes.flatMap(({ bars }) => bars.flatMap(({ fromUs, toUs }) => [fromUs, toUs]))),
  ].sort((a, b) => a - b);
  const last = Math.max(1, changes.length - 1);
  return (us) => {
    const rank = changes.findLastIndex((each) => each <= us);
    return Math.max(0, Math.floor((rank * columns) / last));
  };
}

function rowOf({ of, bars }: Lane, placeOf: (us: number) => number, columns: number): string {
  const row = new Array<string>(columns).fill(' ');
  for (const bar of bars) {
    const from = Math.min(columns - 1, placeOf(bar.fromUs));
    const to = Math.max(from + 1, placeOf(bar.toUs));
    for (const [i, char] of [...bandOf(bar, of, to - from)].entries()) row[from + i] = char;
  }
  return row.join('');
}

/** `|ready----`: where it begins, what it is, and how far it goes; `!` where a request failed, `>` where it has no end. */
function bandOf({ text, tone }: Bar, of: Lane['of'], columns: number): string {
  const fill = of === 'job' ? '-' : '=';
  const word = of === 'job' ? text : (text.split(':')[0] ?? '');
  const end = tone === 'error' ? '!' : tone === 'open' ? '>' : '';
  return `|${word}`.slice(0, columns - end.length).padEnd(columns - end.length, fill) + end;
}
