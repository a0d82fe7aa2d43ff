import { hardwareOf } from '../../sequence/machine.ts';
import type { Sequence } from '../../sequence/sequence.ts';
import { ideSlot } from '../../target/process/command-line.ts';
import { blockdevOption, split } from './blockdev.ts';
import { serialPort } from './booted-guest.ts';
import type { Toolbox } from './helpers.ts';
import { secondMonitor } from './parties.ts';
import type { Plan, PlannedCommand } from './plan.ts';
import { quote } from './shell.ts';
import { connectLines } from './step-guest.ts';
import { mustLine } from './step-qmp.ts';

export const programName = ({ flavour }: Plan): string =>
  flavour === 'system' ? 'qemu-system-x86_64' : 'qemu-storage-daemon';

/** The command line that a reproducer starts QEMU with: its monitor is on stdin and stdout. */
export function commandLineOf(plan: Plan, setUp: readonly PlannedCommand[] = plan.setUp): string[] {
  const objects = plan.objects.map((object) => `--object ${quote(object)}`);
  const nodes = split(setUp).opened.map(blockdevOption);
  if (plan.flavour === 'daemon')
    return [
      programName(plan),
      ...objects,
      ...nodes,
      '--chardev stdio,id=monitor',
      '--monitor chardev=monitor',
    ];
  return [
    programName(plan),
    ...machine(plan.sequence),
    '-nodefaults -display none',
    ...objects,
    ...nodes,
    '-qmp stdio',
  ];
}

/** A machine that stands until a step lets it run. */
function machine(sequence: Sequence): string[] {
  const { machine, ideBytes } = hardwareOf(sequence);
  if (machine === 'none') return ['-machine none'];
  return ['-machine pc -accel tcg -m 16 -S', ...ideSlot(ideBytes)];
}

const environment = ({ sequence: { arena } }: Plan): string =>
  arena.mallocPerturb === undefined ? '' : `MALLOC_PERTURB_=${arena.mallocPerturb} `;

/** Starts QEMU and negotiates. */
export function startLines(
  plan: Plan,
  hears: Toolbox['hears'],
  setUp: readonly PlannedCommand[] = plan.setUp,
): string[] {
  const second = secondMonitor(plan);
  const serial = serialPort(plan);
  const capabilities = { name: 'qmp_capabilities', args: plan.oob ? { enable: ['oob'] } : {} };
  return [
    ...connection[hears].before,
    ...second.before,
    ...serial.before,
    `${environment(plan)}${[...commandLineOf(plan, setUp), ...second.options, ...serial.options].join(' ')} <monitor >${connection[hears].output} 2>stderr & pid=$!`,
    connection[hears].after,
    mustLine(capabilities),
    ...second.after,
    ...split(setUp).rest.flatMap(setUpLines),
    ...serial.after,
    ...connectLines(plan),
  ];
}

/** The main loop resets the machine once that is answered, and goes on only after a reset that is over. */
const setUpLines = (command: PlannedCommand): string[] => [
  mustLine(command),
  ...(command.name === 'system_reset' ? [`await 10 '"event": "RESET"'`] : []),
];

const connection = {
  reading: { before: ['mkfifo monitor said'], output: 'said', after: 'exec 3>monitor 4<said' },
  polling: { before: ['mkfifo monitor'], output: 'log', after: 'exec 3>monitor' },
} as const;

/** Starts the same program again, once the first one is gone, with the same nodes on the images as they are. */
export function restartLines(plan: Plan, setUp: readonly PlannedCommand[]): string[] {
  return [
    'ended 10 || cannot "QEMU is still there"',
    'wait $pid',
    'exec 3>&- 4<&-; rm -f log monitor said',
    '# The same program again.',
    ...startLines(
      plan,
      'polling',
      setUp.filter(({ name }) => name !== 'object-add'),
    ),
  ];
}
