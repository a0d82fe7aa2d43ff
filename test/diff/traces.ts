import type { Json, Step } from '../../src/sequence/step.ts';
import type { Seen, Trace } from '../../src/trace/observation.ts';

/** A trace of what is given, a microsecond apart. */
export function traceOf(steps: readonly Step[], seen: readonly Seen[], version = '10.0.13'): Trace {
  const opened: Seen = {
    kind: 'opened',
    schema: 1,
    tool: { name: 'mirrorfuzz', version: '0' },
    qemu: { label: version, version, flavour: 'system' },
    startedAt: '2026-11-01T00:00:00.000Z',
    session: { sequencesBefore: 0 },
    roundTripUs: 100,
    sequence: { schema: 1, title: 'one', arena: { disks: [] }, steps: [...steps] },
  };
  return [opened, { kind: 'phase', phase: 'steps' } as const, ...seen].map((each, us) => ({ us, ...each }));
}

export type Answer = { return: Json } | { error: { class: string; desc: string } };

/** A step that sends a command, and what is seen of it. */
export function exchange(
  step: number,
  name: string,
  answer: Answer,
  args: Record<string, Json> = {},
): Seen[] {
  const id = -1 - step;
  return [
    { kind: 'step', step },
    { kind: 'command', id, name, args, step },
    { kind: 'reply', id, ...answer },
  ];
}

export const status = (id: string, to: string): Seen => ({
  kind: 'event',
  name: 'JOB_STATUS_CHANGE',
  data: { id, status: to },
  qemuUs: 1,
});
