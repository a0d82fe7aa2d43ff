import type { NewFinding } from '../../src/findings/new-finding.ts';
import { signatureOf } from '../../src/findings/signature.ts';
import { rules } from '../../src/judge/judge.ts';
import type { Rule } from '../../src/judge/rule.ts';
import type { Sequence } from '../../src/sequence/sequence.ts';
import type { Step } from '../../src/sequence/step.ts';
import type { Seen, Trace } from '../../src/trace/observation.ts';
import { asPlace } from '../../src/trace/place.ts';

export const mirrorStep: Step = {
  qmp: 'blockdev-mirror',
  args: { 'job-id': 'j0', device: { disk: 'src' }, target: { newDisk: 'dst' }, sync: 'full' },
};

export function sequenceOf(...steps: Step[]): Sequence {
  return {
    schema: 1,
    title: 'a mirror that ends in tears',
    arena: { disks: [{ name: 'src', format: 'qcow2', sizeBytes: 1048576, fill: 'seeded' }] },
    steps,
  };
}

/** A trace that opens with the sequence; each further observation comes a millisecond later. */
export function traceOf(sequence: Sequence, ...seen: Seen[]): Trace {
  return [
    {
      us: 0,
      kind: 'opened',
      schema: 1,
      tool: { name: 'mirrorfuzz', version: '0' },
      qemu: { label: '7.2.22', version: '7.2.22', flavour: 'system' },
      startedAt: '2024-01-01T00:00:00.000Z',
      session: { sequencesBefore: 0 },
      roundTripUs: 300,
      sequence,
    },
    ...seen.map((each, i) => ({ us: 1000 * (i + 1), ...each })),
  ];
}

export function ruleNamed(name: string): Rule {
  const rule = rules.find((each) => each.name === name);
  if (!rule) throw new Error(`there is no rule ${name}`);
  return rule;
}

export const assertion =
  "qemu-system-x86_64: ../../block/mirror.c:712: mirror_exit_common: Assertion `s->target' failed.\n";

/** A crash in a sequence of so many steps. */
export function crashFound({
  steps = 3,
  stderr = assertion,
  ...rest
}: Partial<NewFinding> & { steps?: number; stderr?: string } = {}): NewFinding {
  const sequence = sequenceOf(mirrorStep, ...Array.from({ length: steps - 1 }, (): Step => ({ pause: 1 })));
  const trace = traceOf(
    sequence,
    { kind: 'phase', phase: 'steps' },
    { kind: 'step', step: 0 },
    {
      kind: 'command',
      id: -1,
      name: 'blockdev-mirror',
      args: { 'job-id': 'j0', device: 'src', target: 'dst', sync: 'full' },
      step: 0,
    },
    { kind: 'event', name: 'JOB_STATUS_CHANGE', data: { id: 'j0', status: 'created' }, qemuUs: 1 },
    { kind: 'stderr', text: stderr },
    { kind: 'exit', code: null, signal: 'SIGABRT', asked: false },
  );
  const at = trace.length - 1;
  const violation = {
    rule: ruleNamed('crash/signal'),
    at: asPlace(at),
    step: 0,
    facts: { shape: 'died' as const, signal: 'SIGABRT', code: null, asked: false, said: stderr.trim() },
  };
  return {
    rule: violation.rule,
    signature: signatureOf(violation, trace),
    sequence,
    original: sequence,
    trace,
    violation,
    reproduced: { ok: 3, of: 3 },
    executions: 40,
    qemu: { label: '7.2.22', version: '7.2.22', path: '/usr/bin/qemu-system-x86_64', flavour: 'system' },
    seed: '7',
    firstSeenMs: 1234,
    tool: { name: 'mirrorfuzz', version: '0.1.0' },
    ...rest,
  };
}
