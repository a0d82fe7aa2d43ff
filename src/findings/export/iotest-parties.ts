import type { SentElsewhere } from '../../trace/observation.ts';
import { imageFile } from '../repro/images.ts';
import { actionsOf, type PartyAction, strangerBytes } from '../repro/parties.ts';
import type { Plan } from '../repro/plan.ts';
import { commandJson } from '../repro/step-qmp.ts';
import { python } from './python.ts';

/** What others do than the test's own monitor and guest, in Python. */
export function partyLines(action: PartyAction, { sequence }: Plan): string[] {
  switch (action.do) {
    case 'stranger': {
      const { first, last } = strangerBytes(action);
      return [
        'strangers.append(socket.socket(socket.AF_UNIX))',
        `strangers[-1].connect('nbd.sock')`,
        ...(first.length > 0 ? [`strangers[-1].sendall(${pythonBytes(first)})`] : []),
        ...(last.length > 0
          ? [
              'time.sleep(0.01)',
              `strangers[-1].sendall(${pythonBytes(last)} + bytes(1000))`,
              'strangers.pop().close()',
            ]
          : []),
      ];
    }
    case 'opener': {
      const disk = sequence.arena.disks.find(({ name }) => name === action.disk);
      if (!disk) return [];
      const shared = action.shared ? '-U ' : '';
      return [`run(${python(`qemu-img info ${shared}-f ${disk.format} ${imageFile(disk)} || true`)})`];
    }
    case 'monitor':
      return action.commands.map(sent);
  }
}

/** What is there before QEMU starts, and once it runs. */
export function partiesThere(plan: Plan): { before: string[]; after: string[] } {
  const kinds = new Set(actionsOf(plan).map((action) => action.do));
  const isAtMonitor = kinds.has('monitor');
  return {
    before: isAtMonitor
      ? [
          `vm.add_args('-chardev', 'socket,id=second,path=second.sock,server=on,wait=off')`,
          `vm.add_args('-mon', 'chardev=second,mode=control')`,
        ]
      : [],
    after: [
      ...(isAtMonitor
        ? ['second = socket.socket(socket.AF_UNIX)', `second.connect('second.sock')`, sent(capabilities)]
        : []),
      ...(kinds.has('stranger') ? ['strangers = []'] : []),
    ],
  };
}

/** Once the steps are over. */
export const partiesLeave = (plan: Plan): string[] =>
  actionsOf(plan).some((action) => action.do === 'stranger')
    ? ['for each in strangers:', '    each.close()']
    : [];

export const usesSockets = (plan: Plan): boolean =>
  actionsOf(plan).some(({ do: what }) => what === 'stranger' || what === 'monitor');

const capabilities = { name: 'qmp_capabilities', args: { enable: ['oob'] }, oob: false };

const sent = (command: SentElsewhere): string =>
  `second.sendall(b${python(`${commandJson(command, command.oob ? 'exec-oob' : 'execute')}\n`)})`;

const pythonBytes = (bytes: Buffer): string => `bytes.fromhex('${bytes.toString('hex')}')`;
