import type { CommandModule } from 'yargs';
import { checkMachine, type MachineCheck } from './machine-checks.ts';
import { printer, writeJson } from './options.ts';

export const doctorCommand: CommandModule<object, { json: string | undefined }> = {
  command: 'doctor',
  describe: 'what works on this machine and what is missing, with the command that mends it',
  builder: (yargs) =>
    yargs
      .option('json', {
        type: 'string',
        requiresArg: true,
        describe: 'write the checks as JSON to FILE, - is stdout',
      })
      .example('$0 doctor', 'exit code 0: a hunt can run here; 3: something required is missing'),
  async handler({ json }) {
    const print = printer(json);
    const checks: MachineCheck[] = [];
    for await (const check of checkMachine()) {
      print(formatCheck(check));
      checks.push(check);
    }
    const usable = isUsable(checks);
    print(verdictLine(checks));
    if (json !== undefined) writeJson(json, { schema: 1, usable, checks });
    if (!usable) process.exitCode = 3;
  },
};

export function isUsable(checks: readonly MachineCheck[]): boolean {
  return checks.every((check) => check.status !== 'missing' || !check.required);
}

export function formatCheck({ name, status, detail, remedy }: MachineCheck): string {
  const line = `${status.padEnd(8)}  ${name.padEnd(20)}  ${detail}`;
  return status === 'ok' || remedy === undefined ? line : `${line}\n${''.padEnd(32)}-> ${remedy}`;
}

export function verdictLine(checks: readonly MachineCheck[]): string {
  const missing = checks.filter((check) => check.required && check.status === 'missing');
  if (missing.length > 0) return `not usable yet: ${missing.map((check) => check.name).join(', ')}`;
  const lesser = checks.filter((check) => check.status !== 'ok').length;
  return lesser === 0
    ? 'everything works'
    : `usable; ${lesser} optional ${lesser === 1 ? 'thing is' : 'things are'} missing or limited`;
}
