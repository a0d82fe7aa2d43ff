import { chmodSync, writeFileSync } from 'node:fs';
import type { CommandModule } from 'yargs';
import { EnvironmentError } from '../../errors.ts';
import { iotestText } from '../../findings/export/iotest.ts';
import { type QmpForm, qmpExport } from '../../findings/export/qmp.ts';
import { caseOf } from '../../findings/repro/in-current-qmp.ts';
import { reproScript } from '../../findings/repro/script.ts';
import { openFindings } from '../../findings/store.ts';
import type { StoredFinding } from '../../findings/stored.ts';
import { complain } from '../complain.ts';
import { once } from '../options.ts';
import { idArgument, storeOption } from './options.ts';

const forms = ['sh', 'iotest', 'qmp', 'qmp-shell'] as const;
type Form = (typeof forms)[number];
type Args = { id: string; findings: string; as: Form; output: string | undefined };

export const exportCommand: CommandModule<object, Args> = {
  command: 'export <id>',
  describe: 'a finding as a shell script, as a test for QEMU’s own suite, or as QMP commands',
  builder: (yargs) =>
    storeOption(idArgument(yargs))
      .option('as', {
        choices: forms,
        demandOption: true,
        requiresArg: true,
        coerce: once<Form>('as'),
        describe:
          'sh: repro.sh; iotest: Python, for tests/qemu-iotests/tests; qmp: JSON lines for -qmp stdio; qmp-shell: as that takes them',
      })
      .option('output', {
        alias: 'o',
        type: 'string',
        requiresArg: true,
        coerce: once<string>('output'),
        describe: 'file to write; stdout when absent',
      })
      .example('$0 findings export 3f2a --as iotest -o mirror-crash', 'a test to send with the fix'),
  handler({ id, findings, as, output }) {
    const text = texts[as](openFindings(findings).read(id));
    if (output === undefined) process.stdout.write(text);
    else write(output, text, as === 'sh' || as === 'iotest');
  },
};

const texts: Record<Form, (stored: StoredFinding) => string> = {
  sh: ({ finding, trace }) => reproScript(finding, trace()),
  iotest: ({ finding, trace }) => iotestText(caseOf(finding, trace())),
  qmp: (stored) => qmpLines(stored, 'qmp'),
  'qmp-shell': (stored) => qmpLines(stored, 'qmp-shell'),
};

/** What has to be there first, and what the lines leave out, goes to stderr: stdout can be piped into a QEMU. */
function qmpLines({ finding, trace }: StoredFinding, form: QmpForm): string {
  const { lines, before, leftOut } = qmpExport(caseOf(finding, trace()).plan, form);
  for (const each of before) complain(`first: ${each}`);
  for (const each of leftOut) complain(`left out: ${each}`);
  return `${lines.join('\n')}\n`;
}

function write(file: string, text: string, isProgram: boolean): void {
  try {
    writeFileSync(file, text);
    if (isProgram) chmodSync(file, 0o755);
  } catch (error) {
    throw new EnvironmentError(
      `can't write ${file}: ${(error as Error).message}`,
      'give --output another file',
    );
  }
}
