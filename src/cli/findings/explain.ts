import type { CommandModule } from 'yargs';
import { type Explained, explain, isExplicable } from '../../campaign/explain/explain.ts';
import { EnvironmentError, UsageError } from '../../errors.ts';
import { causeOf, causeWords } from '../../findings/stacks/cause.ts';
import type { Stack } from '../../findings/stacks/stack.ts';
import { stackHead, stackText } from '../../findings/stacks/text.ts';
import { openFindings } from '../../findings/store.ts';
import { type Debuggers, findDebuggers } from '../../target/debuggers/debuggers.ts';
import { installCommand } from '../../target/install/install-command.ts';
import { openRunRoot } from '../../target/run-dir.ts';
import type { Flavour } from '../../trace/observation.ts';
import { flavourOption, outputOptions, printer, qemuOptions, tool, writeJson } from '../options.ts';
import { programsOf } from '../programs.ts';
import { idArgument, storeOption } from './options.ts';

type Args = {
  id: string;
  findings: string;
  qemu: string[] | undefined;
  flavour: Flavour | 'both' | undefined;
  by: (keyof Debuggers)[] | undefined;
  json: string | undefined;
};

export const explainCommand: CommandModule<object, Args> = {
  command: 'explain <id>',
  describe: 'stacks of a crash or a hang, by gdb and valgrind, kept in the finding',
  builder: (yargs) =>
    outputOptions(qemuOptions(storeOption(idArgument(yargs))))
      .option('flavour', { ...flavourOption, defaultDescription: "the finding's own" })
      .option('by', {
        choices: ['gdb', 'valgrind'] as const,
        array: true,
        requiresArg: true,
        coerce: (names: (keyof Debuggers)[]) => [names].flat(),
        describe: 'only by this one; default: whatever this machine has',
      })
      .example('$0 findings explain 3f2a', 'on the QEMU on PATH')
      .example('$0 findings explain 3f2a --qemu debian:sid --by gdb', 'on another one')
      .epilogue(
        'Exit codes: 0 there is a stack; 3 there is none: the debuggers are missing, or the failure did not show; 2 wrong usage.',
      ),
  handler: explainFinding,
};

async function explainFinding(args: Args): Promise<void> {
  const print = printer(args.json);
  const store = openFindings(args.findings);
  const stored = store.read(args.id);
  const { finding } = stored;
  if (!isExplicable(finding.kind))
    throw new UsageError(
      `${finding.id} is a finding of ${finding.kind}: only crashes and hangs have stacks`,
      'mirrorfuzz findings show',
    );
  const debuggers = wanted(args.by);
  const programs = await programsOf(args.qemu, args.flavour ?? finding.flavour);
  const root = await openRunRoot();
  const stacks: Stack[] = [];
  for (const program of programs) {
    const plan = { sequence: stored.sequence(), kind: finding.kind, root, tool, debuggers, ...program };
    const explained = await explain(plan);
    for (const line of lines(explained)) print(line);
    stacks.push(...explained.stacks);
  }
  root.remove();
  const kept = stacks.length > 0 ? store.setStacks(finding.id, stacks) : { id: finding.id, joined: [] };
  print(`signature: ${finding.signature}`);
  for (const words of new Set(stacks.flatMap((stack) => causeOf(stack) ?? []).map(causeWords)))
    print(`cause: ${words}`);
  const others = [finding.id, ...kept.joined].filter((id) => id !== kept.id);
  if (others.length > 0) print(`one defect: ${others.join(', ')} are now ${kept.id}`);
  if (args.json !== undefined) writeJson(args.json, { schema: 1, tool, ...kept, stacks });
  if (stacks.length === 0) process.exitCode = 3;
}

/** Throws EnvironmentError, with the command that installs it, where this machine has none of them. */
function wanted(by: Args['by']): Debuggers {
  const found = findDebuggers();
  const names = by ?? (['gdb', 'valgrind'] as const);
  const there = names.filter((name) => found[name] !== undefined);
  if (there.length > 0) return Object.fromEntries(there.map((name) => [name, found[name]]));
  const [first = 'gdb'] = names;
  throw new EnvironmentError(
    `${names.join(' and ')} ${names.length === 1 ? 'is' : 'are'} not installed, so there is no stack to be had`,
    installCommand(first) ?? `install ${first}`,
  );
}

function lines({ stacks, without }: Explained): string[] {
  return [
    ...stacks.flatMap((stack) => [stackHead(stack), ...stackText(stack).map((line) => `  ${line}`)]),
    ...without,
  ];
}
