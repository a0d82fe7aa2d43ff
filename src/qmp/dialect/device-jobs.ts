import type { QmpEvent } from '../message.ts';

/** Of that time a device had one job at most, and the job was named after it. */
export type DeviceJob = {
  device: string;
  /** The image that a mirror writes to. */
  target: string | undefined;
  ready: boolean;
  end: JobEnd | undefined;
};

export type JobEnd = { cancelled: boolean; error: string | undefined };

export type DeviceJobs = {
  on(device: string): DeviceJob | undefined;
  /** A start is about to be asked for; its events may come before its answer. The result takes it back. */
  begin(device: string, target: string | undefined): () => void;
  note(event: QmpEvent): void;
};

export function trackDeviceJobs(): DeviceJobs {
  const live = new Map<string, DeviceJob>();
  return {
    on: (device) => live.get(device),
    begin(device, target) {
      const job: DeviceJob = { device, target, ready: false, end: undefined };
      // QEMU will refuse a second one; the first is still the one that is there.
      if (live.has(device)) return () => {};
      live.set(device, job);
      return () => {
        if (live.get(device) === job) live.delete(device);
      };
    },
    note({ name, data: { device, error } }) {
      const job = typeof device === 'string' ? live.get(device) : undefined;
      if (!job) return;
      if (name === 'BLOCK_JOB_READY') job.ready = true;
      if (name !== 'BLOCK_JOB_COMPLETED' && name !== 'BLOCK_JOB_CANCELLED') return;
      job.end = {
        cancelled: name === 'BLOCK_JOB_CANCELLED',
        error: typeof error === 'string' ? error : undefined,
      };
      live.delete(job.device);
    },
  };
}
