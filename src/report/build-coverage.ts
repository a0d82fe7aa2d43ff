import type { FileCoverage, Share } from '../target/gcov/gcov.ts';

/** How much of a build's block-job files ran, for the terminal: a line a file, then what was never entered. */
export function buildCoverageLines(files: readonly FileCoverage[]): string[] {
  const width = Math.max(...files.map(({ source }) => source.length), 'together'.length);
  const row = (name: string, lines: Share, branches: Share): string =>
    `${name.padEnd(width)}  ${percent(lines).padStart(7)}  ${percent(branches).padStart(8)}`;
  const missed = files.flatMap(({ source, neverEntered }) =>
    neverEntered.length > 0 ? [`  ${source}: ${neverEntered.join(', ')}`] : [],
  );
  const partly = files.flatMap(({ source, partly }) =>
    partly.length > 0 ? [`  ${source}: ${partly.slice(0, partlyMax).map(partlyWords).join(', ')}`] : [],
  );
  return [
    `${''.padEnd(width)}    lines  branches`,
    ...files.map(({ source, lines, branches }) => row(source, lines, branches)),
    row('together', ...together(files)),
    ...(missed.length > 0 ? ['', 'never entered:', ...missed] : []),
    ...(partly.length > 0 ? ['', 'entered in part, lines missed of lines:', ...partly] : []),
  ];
}

/** Of each file those with most lines missed. */
const partlyMax = 5;

const partlyWords = ({ name, missed, of }: FileCoverage['partly'][number]): string =>
  `${name} ${missed}/${of}`;

export function together(files: readonly FileCoverage[]): [lines: Share, branches: Share] {
  const sum = (what: 'lines' | 'branches'): Share => ({
    reached: files.reduce((total, file) => total + file[what].reached, 0),
    of: files.reduce((total, file) => total + file[what].of, 0),
  });
  return [sum('lines'), sum('branches')];
}

const percent = ({ reached, of }: Share): string =>
  of === 0 ? '-' : `${((100 * reached) / of).toFixed(1)} %`;
