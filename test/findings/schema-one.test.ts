import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { findingId, signatureOf } from '../../src/findings/signature.ts';
import { openFindings } from '../../src/findings/store.ts';
import { judge } from '../../src/judge/judge.ts';
import { temporaryDir } from '../target/temporary.ts';
import { crashFound } from './found.ts';

const committed = join(import.meta.dirname, '../../findings');

/** A mirror that stands still after its resume; its finding.json is of format 1. */
const id = 'c32d270cdd64';

function storeOfOne() {
  const dir = temporaryDir();
  cpSync(join(committed, id), join(dir, id), { recursive: true });
  return { dir, store: openFindings(dir) };
}

describe('a finding of format 1', () => {
  test('is read with facts and the signature of today, under its old id', () => {
    const { store } = storeOfOne();
    const { finding } = store.read(id);
    expect(finding).toMatchObject({
      id,
      schema: 2,
      violation: { facts: { shape: 'lacking', what: 'resume' } },
    });
    expect(findingId(finding.signature)).not.toBe(id);
    expect(store.list().findings).toEqual([finding]);
  });

  test('names other rules that it breaks by the field of its time', () => {
    const { dir, store } = storeOfOne();
    const file = join(dir, id, 'finding.json');
    const other = { rule: 'leak/leftover', signature: 'leak/leftover', text: 'a job is left' };
    writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, 'utf8')), toldBy: [other] }));
    expect(store.read(id).finding.alsoBreaks).toEqual([other]);
  });

  test('is met again under its old id, and is of format 2 from then on', () => {
    const { dir, store } = storeOfOne();
    const { finding, trace, sequence } = store.read(id);
    const seen = trace();
    const violation = judge(seen).violations.find(({ rule }) => rule.name === finding.rule);
    if (!violation) throw new Error('its trace breaks its rule');
    const recorded = store.record({
      ...crashFound(),
      rule: violation.rule,
      signature: signatureOf(violation, seen),
      violation,
      trace: seen,
      sequence: sequence(),
      original: sequence(),
    });
    expect(recorded).toEqual({ id, isNew: false, joined: [] });
    expect(store.list().findings).toHaveLength(1);
    expect(JSON.parse(readFileSync(join(dir, id, 'finding.json'), 'utf8'))).toMatchObject({
      id,
      schema: 2,
      count: finding.count + 1,
    });
  });

  test.each(
    openFindings(committed)
      .list()
      .findings.map((finding) => [finding.id, finding] as const),
  )('%s is recognised by its own trace', (name, finding) => {
    const trace = openFindings(committed).read(name).trace();
    expect(judge(trace).violations.map((violation) => signatureOf(violation, trace))).toContain(
      finding.signature,
    );
    expect(finding.violation.facts).toBeDefined();
  });
});
