import { cpSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { ItemResult } from '../../gate/item.ts';
import { limits } from '../../gate/limits.ts';
import { printableJson } from '../../printable.ts';
import type { GateOutcome } from '../../report/gate-outcome.ts';
import { printTrace } from '../../trace/lines.ts';
import { complain } from '../complain.ts';

/** One form of the result and the file that gets it. */
export type Form = { file: string; text(outcome: GateOutcome): string };

export type GateFiles = {
  /** A report of what is known so far, once a second at most: whoever is killed leaves the last one. */
  progress(outcome: () => GateOutcome): void;
  end(outcome: GateOutcome): void;
  /** What it takes to look into a failure, and into whatever the hunt has found. */
  keep(result: ItemResult): void;
};

export const jsonText = (outcome: GateOutcome): string =>
  printableJson(`${JSON.stringify(outcome, null, 2)}\n`);

/** `forms` to stdout (`-`) are written at the end alone. */
export function openGateFiles(outDir: string, forms: readonly Form[], nowMs: () => number): GateFiles {
  let writtenMs = Number.NEGATIVE_INFINITY;
  const own: Form = { file: join(outDir, 'gate.json'), text: jsonText };
  return {
    progress(outcome) {
      if (nowMs() - writtenMs < limits.writeEveryMs) return;
      writtenMs = nowMs();
      const soFar = outcome();
      for (const form of [own, ...forms]) if (form.file !== '-') write(form, soFar);
    },
    end(outcome) {
      for (const form of [own, ...forms]) write(form, outcome);
    },
    keep({ item, verdict, broken }) {
      const isFailure = verdict === 'fail' || verdict === 'flaky';
      if (!broken || (!isFailure && item.phase !== 'hunt')) return;
      const name = `${item.name.replaceAll('/', '_')}.${[item.flavour, item.storage].filter(Boolean).join('.')}`;
      attempt(() => {
        if (item.phase === 'hunt')
          cpSync(dirname(item.file), join(outDir, 'findings', broken.id), { recursive: true, force: true });
        mkdirSync(join(outDir, 'traces'), { recursive: true });
        writeFileSync(join(outDir, 'traces', `${name}.trace.jsonl`), printTrace(broken.trace));
      });
    },
  };
}

/** Whole or not at all: what was there stays until it is replaced. */
function write({ file, text }: Form, outcome: GateOutcome): void {
  if (file === '-') {
    process.stdout.write(text(outcome));
    return;
  }
  attempt(() => {
    mkdirSync(dirname(file), { recursive: true });
    const draft = `${file}.${process.pid}.draft`;
    writeFileSync(draft, text(outcome));
    renameSync(draft, file);
  });
}

const said = new Set<string>();

/** A full disk costs the report, not the gate. */
function attempt(work: () => void): void {
  try {
    work();
  } catch (error) {
    const message = `can't write the report: ${(error as Error).message}`;
    if (!said.has(message)) complain(message);
    said.add(message);
  }
}
