import { describe, expect, test } from 'vitest';
import { openLedger } from '../../../src/judge/ledger.ts';
import { gather } from '../../../src/judge/reading/evidence.ts';
import { validation } from '../../../src/judge/validation/validation.ts';
import type { Json } from '../../../src/sequence/step.ts';
import type { Trace } from '../../../src/trace/observation.ts';
import { recorded } from '../recorded.ts';
import { broken, judgeTales } from '../rulings.ts';
import { story } from '../story.ts';
import { validationTales } from './tales.ts';

judgeTales(validation, validationTales);

describe('validation', () => {
  test('a real run breaks no rule', () => {
    expect(broken(validation, recorded())).toEqual([]);
  });

  test.each([
    ['nope', 'validation/unknown-command'],
    ['job-pause', 'validation/unknown-job'],
    ['block-job-set-speed', 'validation/arguments'],
    ['blockdev-mirror', 'validation/start-arguments'],
  ])('the same run does where the refusal of %s has become a success', (name, rule) => {
    expect(broken(validation, answered(recorded(), name, { return: {} }))).toEqual([rule]);
  });

  test('the same run does where the success of query-jobs has become a refusal', () => {
    const error = { class: 'GenericError', desc: 'not now' };
    expect(broken(validation, answered(recorded(), 'query-jobs', { error }))).toEqual([
      'validation/must-accept-query',
    ]);
  });

  test('what the schema must tell is not judged without it', () => {
    const text = `
      > nope
      < ok
      > query-jobs more=1
      < []
      > job-pause id=nope
      < ok`;
    const rules = validation.judge(gather(story(text))!, openLedger()).map(({ rule }) => rule.name);
    expect(rules).toEqual(['validation/unknown-job']);
  });
});

/** The trace with another answer to the first command of that name. */
function answered(trace: Trace, name: string, answer: { return: Json } | { error: QapiError }): Trace {
  const command = trace.find((seen) => seen.kind === 'command' && seen.name === name);
  if (command?.kind !== 'command') throw new Error(`no ${name} in this trace`);
  const { id } = command;
  return trace.map((seen) =>
    seen.kind === 'reply' && seen.id === id ? { us: seen.us, kind: 'reply', id, ...answer } : seen,
  );
}

type QapiError = { class: string; desc: string };
