import type { Observation } from '../../trace/observation.ts';

type Command = Extract<Observation, { kind: 'command' }>;
type Reply = Extract<Observation, { kind: 'reply' }>;

/** The image that each device is on, as far as commands tell: drive_add, snapshots, drive-reopen. */
export function imagesOfDevices(): {
  note(command: Command, reply: Reply | undefined): void;
  of(device: string): string | undefined;
} {
  const images = new Map<string, string>();
  return {
    of: (device) => images.get(device),
    note({ name, args }, reply) {
      if (!reply || reply.error) return;
      const { device } = args;
      const line = args['command-line'];
      const file = args[fileMembers[name] ?? ''];
      if (typeof device === 'string' && typeof file === 'string') images.set(device, file);
      if (name !== 'human-monitor-command' || typeof line !== 'string') return;
      const [, id] = /[",]id=([^,"]+)/.exec(line) ?? [];
      const [, path] = /[",]file=((?:[^,"]|,,)+)/.exec(line) ?? [];
      if (line.startsWith('drive_add') && id && path) images.set(id, path.replaceAll(',,', ','));
    },
  };
}

const fileMembers: Record<string, string> = {
  'blockdev-snapshot-sync': 'snapshot-file',
  '__com.redhat_drive-reopen': 'new-image-file',
};
