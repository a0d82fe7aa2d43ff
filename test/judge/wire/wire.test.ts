import { describe, expect, test } from 'vitest';
import { openLedger } from '../../../src/judge/ledger.ts';
import { gather } from '../../../src/judge/reading/evidence.ts';
import { protocol } from '../../../src/judge/wire/wire.ts';
import { recorded } from '../recorded.ts';
import { broken, judgeTales } from '../rulings.ts';
import { story } from '../story.ts';
import { protocolTales } from './tales.ts';

judgeTales(protocol, protocolTales);

describe('protocol', () => {
  test('a real run breaks no rule', () => {
    expect(broken(protocol, recorded())).toEqual([]);
  });

  test('the same run does where one of its replies comes a second time', () => {
    const trace = recorded();
    const reply = trace.find(({ kind }) => kind === 'reply')!;
    expect(broken(protocol, [...trace, reply])).toEqual(['protocol/one-reply']);
  });

  test('nothing is judged by a schema that is not at hand', () => {
    const text = `
      > query-jobs
      < 5
      ! JOB_STARTED id=j0`;
    expect(broken(protocol, story(text))).toEqual(['protocol/event-conforms', 'protocol/reply-conforms']);
    expect(protocol.judge(gather(story(text))!, openLedger())).toEqual([]);
  });
});
