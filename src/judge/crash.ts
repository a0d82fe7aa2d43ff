import type { Observation, Trace } from '../trace/observation.ts';
import type { Place } from '../trace/place.ts';
import type { Fact } from './facts/fact.ts';
import type { Ledger } from './ledger.ts';
import { isCutOff } from './reading/cut-off.ts';
import { endedByReport } from './reading/sanitizer-reports.ts';
import type { Rule, RuleFamily, Violation } from './rule.ts';

const signalled: Rule = {
  name: 'crash/signal',
  kind: 'crash',
  statement: 'No command, however wrong, ends QEMU by a signal.',
  source:
    'docs/interop/qmp-spec.rst (QEMU 10.0), Commands Responses: "There are two possible responses which the Server will issue as the result of a command execution: success or error."',
};
const exited: Rule = {
  name: 'crash/unexpected-exit',
  kind: 'crash',
  statement: 'QEMU ends only when it is asked to (quit).',
  source:
    'qapi/control.json (QEMU 10.0), quit: "This command will cause the QEMU process to exit gracefully."; no other command of these sequences ends the process',
};
const exitCode: Rule = {
  name: 'crash/exit-code',
  kind: 'crash',
  statement: 'After quit QEMU exits with code 0.',
  source:
    'qapi/control.json (QEMU 10.0), quit: "This command will cause the QEMU process to exit gracefully."; system/runstate.c: the exit code of an ordinary shutdown is EXIT_SUCCESS',
};

/** The process itself: how it ended, and what it said on stderr when it did. */
export const crash: RuleFamily = {
  rules: [signalled, exited, exitCode],
  judge({ trace }, ledger) {
    const ended = trace.flatMap((seen, at): Violation[] =>
      seen.kind === 'exit' ? ending(seen, at, trace, ledger) : [],
    );
    // A process that still answered when its session was given back has come through everything that was sent.
    if (!trace.some(({ kind }) => kind === 'exit' || kind === 'disconnect')) {
      for (const rule of [signalled, exited])
        if (isCutOff(trace)) ledger.undecided(rule, 'cut off');
        else ledger.held(rule);
    }
    return ended;
  },
};

function ending(
  exit: Extract<Observation, { kind: 'exit' }>,
  at: Place,
  trace: Trace,
  ledger: Ledger,
): Violation[] {
  const step = lastStep(trace, at);
  const where = step === undefined ? {} : { step };
  const { signal, code, asked } = exit;
  // SIGKILL is never QEMU's own doing: it is ours, or that of the kernel when memory runs out (killed.ts).
  if (signal === 'SIGKILL') {
    // Which of the two it would have broken nobody knows.
    if (!asked)
      for (const rule of [signalled, exited]) ledger.undecided(rule, { why: 'killed by others', from: at });
    return [];
  }
  if (signal === null && asked) {
    ledger.held(signalled);
    ledger.held(exited);
    if (code === 0) {
      ledger.held(exitCode);
      return [];
    }
  }
  // The report says it better, and is a violation of its own.
  if (endedByReport(trace, asked)) return [];
  const said = lastWords(trace);
  // That is what blkverify is for. A read beside a write may see the one copy before it and the other after it.
  if (code === 1 && !asked && /^blkverify: /.test(said ?? '')) {
    ledger.undecided(exited, 'others write');
    return [];
  }
  const facts: Fact = { shape: 'died', signal, code, asked, ...(said === undefined ? {} : { said }) };
  const rule = signal !== null ? signalled : asked ? exitCode : exited;
  return [{ rule, at, ...where, facts }];
}

/** The line of stderr that tells most: an assertion, else the last. */
function lastWords(trace: Trace): string | undefined {
  const lines = trace
    .flatMap((seen) => (seen.kind === 'stderr' ? [seen.text] : []))
    .join('')
    .split('\n')
    .filter((line) => line.trim() !== '');
  return lines.find((line) => /Assertion|ERROR:|Bail out/.test(line)) ?? lines.at(-1);
}

/**
 * Where a process that ended at `exitAt` hung up: its end is reaped a moment later, and what is seen in between (an
 * await that became moot) is of a QEMU that is gone already.
 */
export function hungUpAt(trace: Trace, exitAt: number): number {
  for (let at = exitAt - 1; at >= 0 && at < trace.length; at--) {
    if (trace[at]?.kind === 'restarted' || trace[at]?.kind === 'exit') break;
    if (trace[at]?.kind === 'disconnect') return at;
  }
  return exitAt;
}

export function lastStep(trace: Trace, before: Place): number | undefined {
  for (let i = before; i >= 0; i--) {
    const seen = trace[i];
    if (seen?.kind === 'step') return seen.step;
  }
  return undefined;
}
