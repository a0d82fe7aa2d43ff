import { type Disk, deviceOf } from '../../sequence/arena.ts';
import { backendPath } from '../../sequence/device-names.ts';
import { seedTextFor } from '../../sequence/fill.ts';
import type { GuestStep } from '../../sequence/step.ts';
import type { GuestResult } from '../../target/guest/guest-writer.ts';
import { hmpQemuIo, readHmpResult } from '../../target/guest/hmp.ts';
import { originRuns } from '../../target/images/content-runs.ts';
import type { ContentRun } from '../../trace/content-run.ts';
import type { GuestOp, GuestWay } from '../../trace/observation.ts';
import { limits } from '../limits.ts';
import { issue, type Run } from '../run.ts';

/** `at` is the step's index; absent: settling asks. */
type Request = { number: number; at?: number; deadlineMs: number };
type GuestEnd = { result: 'ok' | 'error' | 'unattributed'; text?: string; runs?: ContentRun[] };

/** One request of the guest, through the disk's frontend; a disk without one takes no requests. */
export async function guestStep(run: Run, step: GuestStep, index: number): Promise<void> {
  const deadlineMs = (step.deadlineMs ?? limits.guestDeadlineMs) * run.deadlineFactor * run.deadlineScale;
  const finished = ask(run, step, { number: run.nextGuestRequest++, at: index, deadlineMs });
  if (step.wait !== false && !run.suspended) await finished;
}

/** Each guest reads the beginning of its disk once more: whatever jobs have done, the device has to work. */
export async function guestsReadAgain(run: Run): Promise<void> {
  const deadlineMs = limits.guestDeadlineMs * run.deadlineFactor * run.deadlineScale;
  const reads = [...run.writers.open.keys()].map((disk) => {
    const lengthBytes = Math.min(65_536, run.disks.get(disk)?.disk.sizeBytes ?? 0);
    const read: GuestStep = { guest: 'read', disk, offsetBytes: 0, lengthBytes };
    return lengthBytes === 0 ? undefined : ask(run, read, { number: run.nextGuestRequest++, deadlineMs });
  });
  await Promise.all(reads);
}

async function ask(run: Run, step: GuestStep, asked: Request): Promise<void> {
  run.inFlight.guest++;
  const end = await (step.via === 'hmp'
    ? throughMonitor(run, step, asked)
    : throughFrontend(run, step, asked));
  run.inFlight.guest--;
  if (end === 'expired') run.guestRequestsExpired++;
  run.recorder.record(
    end === 'expired'
      ? {
          kind: 'expired',
          what: 'guest',
          id: asked.number,
          deadlineMs: asked.deadlineMs,
          lostUs: Math.round(run.lostMs() * 1000),
          ...stepOf(asked),
        }
      : { kind: 'guest-end', request: asked.number, ...end },
  );
}

const stepOf = ({ at }: Request): { step?: number } => (at === undefined ? {} : { step: at });

/** An export's client, or the guest that has booted. */
async function throughFrontend(run: Run, step: GuestStep, request: Request): Promise<GuestEnd | 'expired'> {
  const via = wayOf(run.disks.get(step.disk)?.disk);
  const op = guestOp(
    run,
    step,
    step.pattern === undefined ? { generation: request.number } : { pattern: step.pattern },
  );
  begin(run, step, request, op, via);
  const writer = run.writers.open.get(step.disk);
  if (!writer) return noFrontend(via);
  const result = await Promise.race([writer.submit(op, step.client).done, expiry(request.deadlineMs)]);
  if (result !== 'expired') return guestEnd(run, op, result);
  writer.abandon();
  return 'expired';
}

function wayOf(disk: Disk | undefined): GuestWay {
  const device = disk && deviceOf(disk);
  if (device === undefined) return 'nbd';
  return device === 'virtio' ? 'virtio' : 'device';
}

async function throughMonitor(run: Run, step: GuestStep, request: Request): Promise<GuestEnd | 'expired'> {
  const op = guestOp(run, step, { pattern: step.pattern ?? patternOf(request.at ?? 0) });
  begin(run, step, request, op, 'hmp');
  const placed = run.disks.get(step.disk);
  const device = placed && deviceOf(placed.disk);
  const backend = placed?.drive ?? (device && `-d ${backendPath(device, step.disk)}`);
  if (backend === undefined) return noFrontend('hmp');
  const command = { name: 'human-monitor-command', args: { 'command-line': hmpQemuIo(backend, op) } };
  const answer = await issue(run, command, { ...stepOf(request), deadlineMs: request.deadlineMs });
  if (answer.kind === 'expired') return 'expired';
  if (answer.kind !== 'reply') return { result: 'error', text: 'QEMU is gone' };
  if (answer.error) return { result: 'error', text: answer.error.desc };
  return readHmpResult(typeof answer.return === 'string' ? answer.return : '');
}

function begin(run: Run, { disk }: GuestStep, asked: Request, op: GuestOp, via: GuestWay): void {
  run.recorder.record({ kind: 'guest-begin', request: asked.number, disk, op, via, ...stepOf(asked) });
}

type Write = Extract<GuestOp, { op: 'write' }>;

function guestOp<Content extends Pick<Write, 'generation'> | Pick<Write, 'pattern'>>(
  run: Run,
  step: GuestStep,
  content: Content,
): Exclude<GuestOp, Write> | (Pick<Write, 'op' | 'offsetBytes' | 'lengthBytes' | 'fua'> & Content) {
  if (step.guest === 'flush') return { op: 'flush' };
  const offsetBytes = step.offsetBytes ?? 0;
  const sizeBytes = run.disks.get(step.disk)?.disk.sizeBytes ?? 0;
  const lengthBytes = step.lengthBytes ?? Math.max(1, Math.min(65_536, sizeBytes - offsetBytes));
  switch (step.guest) {
    case 'write':
      return { op: 'write', offsetBytes, lengthBytes, ...(step.fua ? { fua: true } : {}), ...content };
    case 'zero':
    case 'discard':
      return { op: step.guest, offsetBytes, lengthBytes, ...(step.unmap ? { unmap: true } : {}) };
    case 'read':
      return { op: 'read', offsetBytes, lengthBytes };
  }
}

/** Neighbouring steps get distant bytes; never 0, which is what an unwritten sector holds. */
const patternOf = (index: number): number => 1 + ((index * 97) % 255);

const noFrontend = (via: GuestWay): GuestEnd => ({
  result: 'error',
  text: `the disk has no frontend for ${via}`,
});

/** Once the request has ended nobody waits for this any more: it must not keep the process alive. */
function expiry(deadlineMs: number): Promise<'expired'> {
  return new Promise((resolve) => void setTimeout(() => resolve('expired'), deadlineMs).unref());
}

function guestEnd(run: Run, op: GuestOp, ended: GuestResult): GuestEnd {
  if (ended.result === 'disconnected') return { result: 'error', text: 'the export is gone' };
  if (ended.result === 'error') return ended;
  if (op.op !== 'read' || !ended.bytes) return { result: 'ok' };
  const { seed } = run.sequence;
  const disks = [...run.disks.keys()].map((name) => ({ name, seedText: seedTextFor(name, seed) }));
  return { result: 'ok', runs: originRuns(ended.bytes, op.offsetBytes, disks, run.nextGuestRequest - 1) };
}
