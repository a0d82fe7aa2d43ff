import { type Case, cannotTell, type Verdict } from './verdict.ts';

/** An event with a speed or a type that the job does not have. */
export function fieldsVerdict({ finding, trace, at }: Case): Verdict | undefined {
  const seen = trace[at];
  const wrong = /: (speed|type) ([\w-]+), but /.exec(finding.violation.text);
  if (finding.rule !== 'state/event-fields' || seen?.kind !== 'event' || wrong === null) return undefined;
  const [, key, value] = wrong;
  const words = key === 'type' ? `"type": "${value}"` : `"speed": ${value}`;
  return {
    unanswered: cannotTell,
    settles: true,
    ending: [
      `! heard '"${seen.name}"' '"device": "${seen.data.device}"' '${words}' || shows '${seen.name} with ${words}'`,
      'absent',
    ],
    conditions: ['heard'],
  };
}
