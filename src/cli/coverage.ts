import { rmSync } from 'node:fs';
import { resolve } from 'node:path';
import type { CommandModule } from 'yargs';
import { UsageError } from '../errors.ts';
import { buildCoverageLines, together } from '../report/build-coverage.ts';
import { countedFiles } from '../target/gcov/counted-files.ts';
import { coverageOf } from '../target/gcov/gcov.ts';
import { coverageDir } from '../target/programs/instruments.ts';
import { printer, tool, writeJson } from './options.ts';

type Args = { dir: string; reset: boolean; json: string | undefined };

export const coverageCommand: CommandModule<object, Args> = {
  command: 'coverage <dir>',
  describe: "what hunts reached of a gcov build's block-job files",
  builder: (yargs) =>
    yargs
      .positional('dir', {
        type: 'string',
        demandOption: true,
        describe: 'the build directory that --qemu had (docs/instrumented.md)',
      })
      .option('reset', { type: 'boolean', default: false, describe: 'forget what was counted so far' })
      .option('json', {
        type: 'string',
        requiresArg: true,
        describe: 'write it as JSON to FILE, - is stdout',
      })
      .example('$0 coverage ./build', 'lines and branches a file, and the functions never entered'),
  handler({ dir, reset, json }) {
    const build = resolve(dir);
    const counted = countedFiles(build);
    if (reset) return rmSync(coverageDir(build), { recursive: true, force: true });
    if (counted.every(({ counters }) => counters === undefined))
      throw new UsageError(
        `${dir}: nothing has been counted yet (QEMU writes its counters when it quits)`,
        `mirrorfuzz hunt --qemu ${dir} --time 60s`,
      );
    const files = counted.map(coverageOf);
    const print = printer(json);
    for (const line of buildCoverageLines(files)) print(line);
    const [lines, branches] = together(files);
    if (json !== undefined) writeJson(json, { schema: 1, tool, build, files, together: { lines, branches } });
  },
};
