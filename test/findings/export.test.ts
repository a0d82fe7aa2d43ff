import { execFileSync, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { bugReport } from '../../src/findings/bug-report/bug-report.ts';
import { iotestText } from '../../src/findings/export/iotest.ts';
import { python } from '../../src/findings/export/python.ts';
import { qmpExport } from '../../src/findings/export/qmp.ts';
import { shellLine } from '../../src/findings/export/qmp-shell.ts';
import { newFinding } from '../../src/findings/new-finding.ts';
import { planOf } from '../../src/findings/repro/plan.ts';
import { reproScript } from '../../src/findings/repro/script.ts';
import type { Step } from '../../src/sequence/step.ts';
import { findExecutable } from '../../src/target/programs/executable.ts';
import type { Trace } from '../../src/trace/observation.ts';
import { asPlace } from '../../src/trace/place.ts';
import { temporaryDir } from '../target/temporary.ts';
import { died } from './facts.ts';
import { crashFound, mirrorStep, sequenceOf, traceOf } from './found.ts';

const hostile = 'a\'"\\`$(touch x)\n#\u0007é\u2028😀';
const steps: Step[] = [
  { ...mirrorStep, note: 'with\na note' } as Step,
  { qmp: hostile, args: { [hostile]: [hostile, null, true, 1.5, { number: '9223372036854775808' }] } },
  { raw: [hostile, { base64: '/wA=' }, { repeat: "['", times: 3 }], splitAt: [2, 4] },
  { raw: `%s ${hostile}`, splitAt: [3] },
  { await: { event: hostile, data: { [hostile]: hostile } }, deadlineMs: 5 },
  { await: 'READY', job: '#0' },
  { fault: 'sigkill' },
];

const found = crashFound();
const trace = reached(steps);
const finding = newFinding(
  {
    ...found,
    trace,
    violation: {
      ...found.violation,
      at: asPlace(trace.length - 1),
      facts: { ...died('SIGABRT'), said: hostile },
    },
  },
  new Date(),
);

test('whatever names hold, the shell script is one that bash reads', () => {
  const text = reproScript(finding, trace);
  const checked = spawnSync('bash', ['-n'], { input: text, encoding: 'utf8' });
  expect(checked).toMatchObject({ status: 0, stderr: '' });
});

test('what the shell would send for a hostile name is what was sent', () => {
  const lines = reproScript(finding, trace).split('\n');
  const line = lines.filter((each) => each.startsWith('qmp '))[1] ?? '';
  const printed = execFileSync('bash', ['-c', `qmp() { printf '%s' "$1"; }\n${line}`], { encoding: 'utf8' });
  const sent = JSON.parse(printed);
  expect(sent.execute).toBe(hostile);
  expect(sent.arguments[hostile]).toContain(hostile);
});

test('raw bytes come out of the shell as they went in', () => {
  const lines = reproScript(finding, trace)
    .split('\n')
    .filter((each) => /^(printf|yes) .*>&3$/.test(each));
  const bytes = execFileSync('bash', ['-c', `exec 3>&1\n${lines.slice(0, 3).join('\n')}`]);
  expect(bytes).toEqual(Buffer.concat([Buffer.from(hostile), Buffer.of(0xff, 0), Buffer.from("['['['")]));
});

test('of QMP commands, each line is a JSON object; what is none is named apart', () => {
  const { lines, leftOut } = qmpExport(planOf(trace), 'qmp');
  const commands = lines.map((line) => JSON.parse(line).execute);
  expect(commands).toEqual(['qmp_capabilities', 'blockdev-mirror', hostile]);
  expect(leftOut.at(-1)).toMatch(/^step 7, /);
});

test.each([
  [{ id: 'j0', force: true, speed: -1 }, 'x id=j0 force=true speed=-1'],
  [{ target: { node: 'a b', list: [1, null] } }, 'x target={"node":"a b","list":[1,null]}'],
  [{ id: '1' }, undefined],
  [{ id: 'TRUE' }, undefined],
  [{ id: 'a b' }, undefined],
  [{ id: null }, undefined],
  [{ target: { node: "it's" } }, undefined],
  [{ [hostile]: 1 }, undefined],
])('qmp-shell is given nothing that it would read otherwise: %j', (args, line) => {
  expect(shellLine({ name: 'x', args })).toBe(line);
});

test.runIf(findExecutable('python3'))('the iotest is Python', () => {
  const file = join(temporaryDir(), 'a_test.py');
  writeFileSync(
    file,
    iotestText({
      finding,
      facts: finding.violation.facts,
      plan: planOf(trace),
      trace,
      at: finding.violation.at,
    }),
  );
  const compiled = spawnSync('python3', ['-m', 'py_compile', file], { encoding: 'utf8' });
  expect(compiled).toMatchObject({ status: 0, stderr: '' });
});

test.runIf(findExecutable('python3'))('a Python literal is the JSON value', () => {
  const value = { [hostile]: [hostile, null, true, false, 1.5, -3, {}] };
  const program = `import json; print(json.dumps(${python(value)}))`;
  expect(JSON.parse(execFileSync('python3', ['-c', program], { encoding: 'utf8' }))).toEqual(value);
});

test('the iotest has the head that QEMU’s maintainers ask for, and waits by events', () => {
  const text = iotestText({
    finding,
    facts: finding.violation.facts,
    plan: planOf(trace),
    trace,
    at: finding.violation.at,
  });
  expect(text).toMatch(/^#!\/usr\/bin\/env python3\n# group: rw\n/);
  expect(text).toContain('# SPDX-License-Identifier: GPL-2.0-or-later\n');
  expect(text).toContain("vm.event_wait('BLOCK_JOB_READY', timeout=20, match={'data': {'device': 'j0'}})");
  expect(text).toContain('iotests.script_main(main, ');
});

test('a report stays Markdown where names hold backticks and newlines', () => {
  const report = bugReport(finding, trace);
  const fences = report.split('\n').filter((line) => /^`{3,}/.test(line));
  expect(fences.length % 2).toBe(0);
  expect(report.split('\n')[0]).toMatch(/^# blockdev-mirror: SIGABRT$/);
});

/** A trace in which every step was carried out, and QEMU died after them. */
function reached(all: Step[]): Trace {
  const seen = all.flatMap((step, i): Parameters<typeof traceOf>[1][] => {
    const begun = { kind: 'step', step: i } as const;
    if ('qmp' in step)
      return [
        begun,
        {
          kind: 'command',
          id: -i,
          name: step.qmp,
          args: i === 0 ? { 'job-id': 'j0', device: 'src', target: 'dst' } : (step.args ?? {}),
          step: i,
        },
      ];
    if ('raw' in step) return [begun, { kind: 'raw-sent', text: '', sizeBytes: 1, step: i }];
    if ('fault' in step) return [begun, { kind: 'fault', fault: step, step: i, outcome: 'armed' }];
    return [begun, { kind: 'await', step: i, outcome: 'met', waitedUs: 10 }];
  });
  return traceOf(
    sequenceOf(...all),
    { kind: 'phase', phase: 'steps' },
    ...seen.slice(0, 2),
    { kind: 'event', name: 'JOB_STATUS_CHANGE', data: { id: 'j0', status: 'created' }, qemuUs: 1 },
    ...seen.slice(2),
    { kind: 'exit', code: null, signal: 'SIGABRT', asked: false },
  );
}
