import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bugReport } from '../../src/findings/bug-report/bug-report.ts';
import { iotestText } from '../../src/findings/export/iotest.ts';
import { qmpText } from '../../src/findings/export/qmp.ts';
import { type Finding, printFinding } from '../../src/findings/finding.ts';
import { newFinding } from '../../src/findings/new-finding.ts';
import { caseOf } from '../../src/findings/repro/in-current-qmp.ts';
import { reproScript } from '../../src/findings/repro/script.ts';
import { brief } from '../../src/report/hunt-lines.ts';
import { traceText } from '../../src/report/trace-text.ts';
import { verdictText } from '../../src/report/verdict-text.ts';
import { printSequence } from '../../src/sequence/print.ts';
import { renderSequence } from '../../src/sequence/render.ts';
import type { Sequence } from '../../src/sequence/sequence.ts';
import type { Step } from '../../src/sequence/step.ts';
import { findExecutable } from '../../src/target/programs/executable.ts';
import { printTrace } from '../../src/trace/lines.ts';
import type { Seen, Trace } from '../../src/trace/observation.ts';
import { asPlace } from '../../src/trace/place.ts';
import { crashFound, ruleNamed, traceOf } from './found.ts';

const dir = mkdtempSync(join(tmpdir(), 'mf-test-'));
/** Whatever takes one of the names below for a command makes this file. */
const mark = join(dir, 'executed');

/** Ends comments, strings and fences of every language here; turns the screen over; runs `touch` where it can. */
const hostile = [
  `a\ntouch ${mark}\n#`,
  `$(touch ${mark})`,
  `\`touch ${mark}\``,
  `'; touch ${mark}; '`,
  `"; touch ${mark}; "`,
  `"""\nopen('${mark}', 'w')\n"""`,
  `\nimport os; os.system('touch ${mark}')\n`,
  '*/ ````\n# head\n<img src=x onerror=alert(1)> [a](javascript:b) ![c](d) | e | &lt;',
  '\u001b[2J\u001b]0;title\u0007\u009b31m\u0000\u007f\r\b',
  '\u202eright to left\u2066\u200b\u2028\ud800 \udfff\u{e0041}',
].join(' ');

const disk = 'src';
const sequence: Sequence = {
  schema: 1,
  title: hostile,
  comment: hostile,
  arena: { disks: [{ name: disk, format: 'raw', sizeBytes: 1048576, fill: 'seeded' }] },
  steps: [
    { qmp: hostile, args: { [hostile]: hostile, 'job-id': hostile }, note: hostile },
    { await: 'READY', job: hostile, note: hostile },
    { await: 'gone', job: `a;touch ${mark}` },
    { await: { event: hostile, data: { [hostile]: hostile } }, deadlineMs: 1 },
    { guest: 'write', disk: hostile },
    { qmp: 'block-job-cancel', args: { device: hostile }, expect: { class: hostile, desc: hostile } },
  ],
  after: [{ content: { file: hostile, format: 'raw' } }, { check: hostile }],
};

const steps = sequence.steps.flatMap((step: Step, i): Seen[] => {
  const begun: Seen = { kind: 'step', step: i };
  if ('qmp' in step)
    return [begun, { kind: 'command', id: -i, name: step.qmp, args: step.args ?? {}, step: i }];
  if ('guest' in step)
    return [
      begun,
      {
        kind: 'guest-begin',
        request: 1,
        disk: hostile,
        op: { op: 'read', offsetBytes: hostile as unknown as number, lengthBytes: 512 },
        via: 'nbd',
        step: i,
      },
    ];
  return [begun, { kind: 'await', step: i, outcome: 'expired', waitedUs: 10 }];
});

/** What QEMU says at the end, and which rule that breaks: each leads to a verdict of another kind. */
const endings: Record<string, [rule: string, seen: Seen]> = {
  crash: ['crash/signal', { kind: 'exit', code: null, signal: 'SIGABRT', asked: false }],
  reply: ['claim/reply', { kind: 'reply', id: -5, error: { class: hostile, desc: hostile } } as Seen],
  'another reply': [
    'state/reply',
    { kind: 'reply', id: -5, error: { class: hostile, desc: hostile } } as Seen,
  ],
  event: ['state/event-fields', { kind: 'event', name: hostile, data: { device: hostile }, qemuUs: 3 }],
  transition: [
    'state/transition',
    { kind: 'event', name: 'JOB_STATUS_CHANGE', data: { id: hostile, status: hostile }, qemuUs: 3 },
  ],
  image: ['claim/same', { kind: 'image', claim: 1, outcome: 'broken', text: hostile }],
  leftover: ['leak/leftover', { kind: 'leftover', what: 'node', names: [hostile] }],
};

describe.each(Object.keys(endings))('one hostile finding, by its %s', (by) => {
  const { finding, trace } = hostileFinding(...(endings[by] as [string, Seen]), sequence);

  test('no control character reaches a terminal, a file or a reader of Markdown', () => {
    for (const text of everySink(finding, trace))
      expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u);
  });

  test('what is one line stays one', () => {
    for (const line of [...traceText(trace, { all: true }), ...renderSequence(sequence), brief(hostile)])
      expect(line).not.toContain('\n');
  });

  test('bash reads the script, and running it executes nothing of what it quotes', () => {
    mustBeHarmless(reproScript(finding, trace));
  });

  test.runIf(findExecutable('python3'))('Python reads the iotest, and running it executes nothing', () => {
    rmSync(mark, { force: true });
    const file = join(dir, 'test.py');
    writeFileSync(file, iotestText(caseOf(finding, trace)));
    const compiled = spawnSync('python3', ['-m', 'py_compile', file], { encoding: 'utf8' });
    expect(compiled).toMatchObject({ status: 0, stderr: '' });
    writeFileSync(join(dir, 'iotests.py'), fakeIotests);
    const ran = spawnSync('python3', [file], {
      encoding: 'utf8',
      cwd: dir,
      env: { ...process.env, PYTHONPATH: dir },
    });
    expect(ran).toMatchObject({ stdout: 'begins\n' });
    expect(existsSync(mark)).toBe(false);
  });

  test('of the QMP commands each line is JSON', () => {
    for (const line of qmpText(caseOf(finding, trace).plan).trimEnd().split('\n'))
      expect(() => JSON.parse(line)).not.toThrow();
  });
});

describe('names that no sequence may have, in a trace that came from elsewhere', () => {
  const odd: Sequence = {
    ...sequence,
    arena: { disks: [{ ...sequence.arena.disks[0], name: hostile } as never] },
  };
  const { finding, trace } = hostileFinding(...(endings.crash as [string, Seen]), odd);

  test('no control character, either', () => {
    for (const text of everySink(finding, trace))
      expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u);
  });

  test('the script says that it can’t, and executes nothing', () => {
    const { status, stderr } = mustBeHarmless(reproScript(finding, trace));
    expect(status).toBe(2);
    expect(stderr).toContain('its sequence is none that mirrorfuzz reads');
  });
});

describe('the report', () => {
  const { finding, trace } = hostileFinding(...(endings.crash as [string, Seen]), sequence);
  const lines = bugReport(finding, trace).split('\n');
  const text = lines.filter(outsideFences());

  test('has the headings that it is made with, and no other', () => {
    expect(text.filter((line) => /^#/.test(line)).map((line) => line.slice(0, 8))).toEqual([
      expect.stringMatching(/^# a\\?/),
      '## What ',
      '## Expec',
      '## Seen',
      '## Cause',
      '## How t',
      '## Affec',
      '## Messa',
      '## Links',
    ]);
  });

  test('has no HTML, no link and no image of theirs', () => {
    for (const line of text) {
      expect(line).not.toMatch(/(?<!\\)</);
      expect(line).not.toMatch(/(?<!\\)\](?:\(|:)/);
    }
  });

  test('keeps a link that is one', () => {
    expect(text).toContain('- https://gitlab.com/qemu-project/qemu/-/issues/1_2~3');
  });
});

function hostileFinding(rule: string, seen: Seen, ran: Sequence): { finding: Finding; trace: Trace } {
  const trace = traceOf(
    ran,
    { kind: 'phase', phase: 'set-up' },
    { kind: 'command', id: -90, name: 'object-add', args: { 'qom-type': hostile, id: hostile } },
    { kind: 'command', id: -91, name: hostile, args: { name: disk, 'node-name': hostile } },
    { kind: 'phase', phase: 'steps' },
    { kind: 'event', name: 'JOB_STATUS_CHANGE', data: { id: hostile, status: 'created' }, qemuUs: 1 },
    ...steps,
    { kind: 'foreign', what: 'not-json', text: hostile } as unknown as Seen,
    { kind: 'stderr', text: hostile },
    seen,
    { kind: 'phase', phase: 'settle' },
    { kind: 'command', id: -92, name: hostile, args: { id: hostile } },
    { kind: 'phase', phase: 'teardown' },
    { kind: 'command', id: -93, name: 'block-export-del', args: { id: hostile } },
  );
  const at = trace.findIndex((each) => each.kind === seen.kind && each.us === 1000 * (trace.length - 5));
  const found = crashFound();
  const broken = rulesOf(rule);
  const finding = newFinding(
    {
      ...found,
      trace,
      sequence: ran,
      original: ran,
      rule: broken,
      violation: {
        rule: broken,
        at: asPlace(at),
        step: 5,
        facts:
          seen.kind === 'event'
            ? { shape: 'figure', job: 'a', type: hostile, is: 'wrong type', shown: hostile, started: hostile }
            : { shape: 'left', what: 'node', names: [hostile] },
      },
    },
    new Date(),
  );
  return {
    trace,
    finding: {
      ...finding,
      rule,
      title: hostile,
      statement: hostile,
      source: hostile,
      note: { text: hostile, is: 'verified', by: [hostile] },
      links: [hostile, 'https://gitlab.com/qemu-project/qemu/-/issues/1_2~3'],
      alsoBreaks: [{ rule: hostile, signature: hostile, text: hostile }],
      commandLine: [hostile],
      affected: finding.affected.map((each) => ({ ...each, label: hostile, version: hostile })),
      tool: { name: hostile, version: hostile },
    },
  };
}

/** A rule of that name, or any of its kind: what leads to a verdict is the name that the finding has. */
function rulesOf(name: string) {
  try {
    return ruleNamed(name);
  } catch {
    return ruleNamed(
      name.startsWith('claim') || name.startsWith('state') ? 'state/transition' : 'crash/signal',
    );
  }
}

function everySink(finding: Finding, trace: Trace): string[] {
  const opened = trace[0];
  const ran = opened?.kind === 'opened' ? opened.sequence : sequence;
  const violations = [
    {
      rule: ruleNamed('crash/signal'),
      at: asPlace(1),
      facts: { shape: 'died' as const, signal: 'SIGSEGV', code: null, asked: false, said: hostile },
    },
  ];
  const ruling = {
    verdict: 'fail',
    name: hostile,
    version: hostile,
    flavour: hostile,
    reason: hostile,
  } as const;
  return [
    bugReport(finding, trace),
    reproScript(finding, trace),
    iotestText(caseOf(finding, trace)),
    qmpText(caseOf(finding, trace).plan),
    printFinding(finding),
    printSequence(ran),
    printTrace(trace),
    ...traceText(trace, { all: true }),
    ...renderSequence(ran),
    ...verdictText({ ...ruling, trace, violations }, false),
    brief(hostile),
  ];
}

/** With QEMU's programs replaced by ones that do nothing, so that every line before and after them is reached. */
function mustBeHarmless(script: string) {
  const checked = spawnSync('bash', ['-n'], { input: script, encoding: 'utf8' });
  expect(checked).toMatchObject({ status: 0, stderr: '' });
  rmSync(mark, { force: true });
  const file = join(dir, 'repro.sh');
  writeFileSync(file, script);
  const ran = spawnSync('bash', [file, bin], {
    encoding: 'utf8',
    env: { ...process.env, PATIENCE: '1' },
    timeout: 60_000,
  });
  expect(existsSync(mark)).toBe(false);
  return ran;
}

afterAll(() => rmSync(dir, { recursive: true, force: true }));

let bin = '';
beforeAll(() => {
  bin = join(dir, 'bin');
  spawnSync('mkdir', [bin]);
  for (const name of ['qemu-img', 'qemu-io', 'qemu-nbd']) program(name, ':');
  for (const name of ['qemu-system-x86_64', 'qemu-storage-daemon']) program(name, fakeQemu);
});

function program(name: string, body: string): void {
  writeFileSync(join(bin, name), `#!/bin/bash\n${body}\n`, { mode: 0o755 });
}

/** Accepts every command. */
const fakeQemu = `\
echo '{"QMP": {}}'
while read -r line; do
  id=\${line##*'"id": "'}
  echo '{"return": {}, "id": "'"\${id%%'"'*}"'"}'
  [[ $line != *'"execute": "quit"'* ]] || exit 0
done`;

/** As far as to the point at which a test that can't be one says so. */
const fakeIotests = `\
import sys
qemu_img_args = qemu_io_args = [':']
test_dir = '.'
class Timeout:
    def __init__(self, *_): pass
    def __enter__(self): return self
    def __exit__(self, *_): pass
class VM:
    def __enter__(self): return self
    def __exit__(self, *_): pass
    def __getattr__(self, name): return lambda *_, **__: {'return': []}
def notrun(reason): sys.exit(0)
def log(text): pass
def script_main(main, **_):
    print('begins', flush=True)
    main()
`;

function outsideFences(): (line: string) => boolean {
  let fence = '';
  return (line) => {
    const ticks = /^`{3,}/.exec(line)?.[0] ?? '';
    if (fence === '' && ticks !== '') {
      fence = ticks;
      return false;
    }
    if (fence !== '' && line === fence) {
      fence = '';
      return false;
    }
    return fence === '';
  };
}
