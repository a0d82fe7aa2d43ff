import { printable } from '../../printable.ts';
import { json, quote } from './shell.ts';
import { type Case, cannotTell, type Verdict } from './verdict.ts';

/** An event with a speed or a type that the job does not have. */
export function fieldsVerdict({ finding, trace, at }: Case): Verdict | undefined {
  const seen = trace[at];
  const wrong = /: (speed|type) ([\w-]+), but /.exec(finding.violation.text);
  if (finding.rule !== 'state/event-fields' || seen?.kind !== 'event' || wrong === null) return undefined;
  const [, key, value] = wrong;
  const words = key === 'type' ? `"type": "${value}"` : `"speed": ${value}`;
  const texts = [json(seen.name), `"device": ${json(seen.data.device ?? null)}`, words];
  return {
    unanswered: cannotTell,
    settles: true,
    ending: [
      `! heard ${texts.map(quote).join(' ')} || shows ${quote(printable(`${seen.name} with ${words}`))}`,
      'absent',
    ],
    conditions: ['heard'],
  };
}
