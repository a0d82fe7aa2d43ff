import { EnvironmentError } from '../../errors.ts';
import { deviceModels, ideDevice, ideNothing } from '../../sequence/device-names.ts';
import type { Hardware } from '../../sequence/machine.ts';
import type { Flavour } from '../../trace/observation.ts';
import type { Program, QemuTarget } from '../programs/binary.ts';
import { optionValue } from './option-value.ts';

/**
 * QEMU's own arguments: a monitor on that chardev, no device but what the machine brings. A pc waits for
 * `cont`, with the first serial port connected to `serialPath`.
 */
export function commandLine(
  flavour: Flavour,
  { machine, ideBytes }: Hardware,
  objects: readonly string[],
  traced: readonly string[],
  {
    chardev,
    serialPath,
    secondPath,
    incoming,
  }: { chardev: string; serialPath: string; secondPath?: string; incoming?: true },
): string[] {
  const added = [
    ...objects.flatMap((object) => ['--object', object]),
    ...traced.flatMap((pattern) => ['--trace', pattern]),
  ];
  const second = secondPath === undefined ? undefined : `socket,id=second,path=${optionValue(secondPath)}`;
  if (flavour === 'daemon') {
    const other = second === undefined ? [] : ['--chardev', second, '--monitor', 'chardev=second'];
    return [...added, '--chardev', chardev, '--monitor', 'chardev=monitor', ...other];
  }
  const guest =
    machine === 'pc' ? [...pc, '-S', ...serialPort(serialPath), ...ideSlot(ideBytes)] : ['-machine', 'none'];
  return [
    ...guest,
    ...added,
    ...(incoming ? ['-incoming', 'defer'] : []),
    ...['-nodefaults', '-no-user-config', '-display', 'none'],
    ...['-chardev', chardev, '-mon', 'chardev=monitor,mode=control'],
    ...(second === undefined ? [] : ['-chardev', second, '-mon', 'chardev=second,mode=control']),
  ];
}

/** The smallest machine that boots a sector; without KVM it is there on every host, and starts no slower. */
export const pc = ['-machine', 'pc', '-accel', 'tcg', '-m', '16'];

export const serialPort = (socketPath: string): string[] => [
  ...['-chardev', `socket,id=serial,path=${optionValue(socketPath)}`, '-serial', 'chardev:serial'],
];

/** An IDE disk of that size with nothing in it: what it holds is another node's later on. */
export function ideSlot(sizeBytes: number | undefined): string[] {
  if (sizeBytes === undefined) return [];
  const nothing = `null-co,node-name=${ideNothing},size=${sizeBytes},read-zeroes=on`;
  const device = `${deviceModels.ide.device},id=${ideDevice},drive=${ideNothing},rerror=report,werror=report`;
  return ['-blockdev', nothing, '-device', device];
}

/** The program that a flavour is driven through. Throws EnvironmentError where the target lacks it. */
export function programFor(target: QemuTarget, flavour: Flavour): Program {
  const program = flavour === 'system' ? target.system : target.daemon;
  if (program) return program;
  const name = flavour === 'system' ? 'qemu-system-x86_64' : 'qemu-storage-daemon';
  throw new EnvironmentError(
    `${target.label} (${target.path}) has no ${name}`,
    `--flavour ${flavour === 'system' ? 'daemon' : 'system'}`,
  );
}
