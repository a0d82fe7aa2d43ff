import type { GuestOp } from '../../trace/observation.ts';
import { optionValue } from '../process/option-value.ts';

/*
 * Command lines for `human-monitor-command` of the system emulator, and what its answers say. The monitor splits at
 * blanks, so what may hold one is quoted.
 */

/** Unique content is beyond `qemu-io`: it writes one byte repeated. */
export type HmpOp = Exclude<GuestOp, { generation: number }>;

/**
 * One guest request through the BlockBackend of a drive (its id) or of a device (`-d` and its path), carried out before the monitor answers: a disk that holds its
 * requests back holds the monitor, too.
 */
export function hmpQemuIo(backend: string, op: HmpOp): string {
  return `qemu-io ${backend} ${quoted(synchronous(op))}`;
}

function synchronous(op: HmpOp): string {
  switch (op.op) {
    case 'write':
      return `write -q ${op.fua ? '-f ' : ''}-P ${op.pattern} ${op.offsetBytes} ${op.lengthBytes}`;
    case 'zero':
      return `write -q -z ${op.unmap ? '-u ' : ''}${op.offsetBytes} ${op.lengthBytes}`;
    case 'discard':
    case 'read':
      return `${op.op} -q ${op.offsetBytes} ${op.lengthBytes}`;
    case 'flush':
      return 'flush';
  }
}

/**
 * What the answer to `hmpQemuIo` says. A text is why the request was not tried; no text leaves open whether it went
 * well: "write failed: …" goes to QEMU's own stdout, buffered (5.2 to 11.1; qemu-io-cmds.c prints with printf).
 */
export function readHmpResult(answer: string): { result: 'error' | 'unattributed'; text: string } {
  const text = errorText(answer);
  return text === ''
    ? { result: 'unattributed', text: 'the monitor does not say how it ended' }
    : { result: 'error', text };
}

export type Drive = {
  id: string;
  file: string;
  format: string;
  /** Of the format node. */
  nodeName?: string;
  readOnly?: boolean;
  discard?: string;
  detectZeroes?: string;
};

/** A drive without a device: a BlockBackend under `id`, which jobs can name and a pivot moves. */
export function driveAdd(drive: Drive): string {
  const options: Record<string, string | undefined> = {
    if: 'none',
    id: drive.id,
    format: drive.format,
    file: optionValue(drive.file),
    'node-name': drive.nodeName,
    'read-only': drive.readOnly ? 'on' : undefined,
    discard: drive.discard,
    'detect-zeroes': drive.detectZeroes,
  };
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  return `drive_add 0 ${quoted(given.map(([name, value]) => `${name}=${value}`).join(','))}`;
}

export function readDriveAdd(answer: string): 'ok' | { error: string } {
  return answer.trim() === 'OK' ? 'ok' : { error: errorText(answer) };
}

/** Closes the drive's nodes with it; refused while a job uses it. */
export function driveDel(id: string): string {
  return `drive_del ${id}`;
}

export function readDriveDel(answer: string): 'ok' | { error: string } {
  return answer === '' ? 'ok' : { error: errorText(answer) };
}

/** Whether "Error: " stands in front depends on the command and the version. */
const errorText = (answer: string): string => answer.trim().replace(/^Error: /, '');

const quoted = (text: string): string => `"${text.replaceAll(/["\\]/g, '\\$&')}"`;
