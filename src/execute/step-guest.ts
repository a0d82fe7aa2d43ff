import type { GuestStep } from '../sequence/step.ts';
import { hmpQemuIo, readHmpResult } from '../target/hmp.ts';
import type { GuestOp } from '../trace/observation.ts';
import { limits } from './limits.ts';
import { issue, type Run } from './run.ts';

type GuestEnd = { result: 'ok' | 'error' | 'unattributed'; text?: string };

/** One request of the guest, through the disk's frontend; a disk without one takes no requests. */
export async function guestStep(run: Run, step: GuestStep, index: number): Promise<void> {
  const request = run.nextGuestRequest++;
  const op = guestOp(run, step, index);
  const via = step.via ?? 'nbd';
  const drive = via === 'hmp' ? run.disks.get(step.disk)?.drive : undefined;
  const writer = via === 'nbd' ? run.writers.open.get(step.disk) : undefined;
  run.recorder.record({ kind: 'guest-begin', request, disk: step.disk, op, via, step: index });
  run.inFlight.guest++;

  const deadlineMs = (step.deadlineMs ?? limits.guestDeadlineMs) * run.deadlineFactor;
  const carriedOut: Promise<GuestEnd | 'expired'> =
    drive !== undefined
      ? throughMonitor(run, drive, op, index, deadlineMs)
      : writer
        ? Promise.race([writer.submit(op).done.then(attribute), expiry(deadlineMs)])
        : Promise.resolve({ result: 'error', text: `the disk has no frontend for ${via}` });

  const finished = carriedOut.then((end) => {
    run.inFlight.guest--;
    if (end === 'expired') {
      run.recorder.record({ kind: 'expired', what: 'guest', id: request, deadlineMs, step: index });
      writer?.abandon();
    } else {
      run.recorder.record({ kind: 'guest-end', request, ...end });
    }
  });
  if (step.wait !== false && !run.suspended) await finished;
}

/** Once the request has ended nobody waits for this any more: it must not keep the process alive. */
function expiry(deadlineMs: number): Promise<'expired'> {
  return new Promise((resolve) => void setTimeout(() => resolve('expired'), deadlineMs).unref());
}

function guestOp(run: Run, step: GuestStep, index: number): GuestOp {
  if (step.guest === 'flush') return { op: 'flush' };
  const offsetBytes = step.offsetBytes ?? 0;
  const sizeBytes = run.disks.get(step.disk)?.disk.sizeBytes ?? 0;
  const lengthBytes = step.lengthBytes ?? Math.max(1, Math.min(65_536, sizeBytes - offsetBytes));
  switch (step.guest) {
    case 'write':
      return {
        op: 'write',
        offsetBytes,
        lengthBytes,
        pattern: step.pattern ?? patternOf(index),
        ...(step.fua ? { fua: true as const } : {}),
      };
    case 'zero':
    case 'discard':
      return { op: step.guest, offsetBytes, lengthBytes, ...(step.unmap ? { unmap: true as const } : {}) };
    case 'read':
      return { op: 'read', offsetBytes, lengthBytes };
  }
}

/** Neighbouring steps get distant bytes; never 0, which is what an unwritten sector holds. */
const patternOf = (index: number): number => 1 + ((index * 97) % 255);

async function throughMonitor(
  run: Run,
  drive: string,
  op: GuestOp,
  step: number,
  deadlineMs: number,
): Promise<GuestEnd | 'expired'> {
  const command = { name: 'human-monitor-command', args: { 'command-line': hmpQemuIo(drive, op) } };
  const answer = await issue(run, command, { step, deadlineMs });
  if (answer.kind === 'expired') return 'expired';
  if (answer.kind !== 'reply') return { result: 'error', text: 'QEMU is gone' };
  if (answer.error) return { result: 'error', text: answer.error.desc };
  return readHmpResult(typeof answer.return === 'string' ? answer.return : '');
}

function attribute(end: { result: GuestEnd['result'] | 'disconnected'; text?: string }): GuestEnd {
  if (end.result === 'disconnected') return { result: 'error', text: 'the export is gone' };
  return end.text === undefined ? { result: end.result } : { result: end.result, text: end.text };
}
