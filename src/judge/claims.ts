import { renderAwaited, renderClaim } from '../sequence/render.ts';
import type { Sequence } from '../sequence/sequence.ts';
import type { Json, ReplyClaim } from '../sequence/step.ts';
import type { Observation, Trace } from '../trace/observation.ts';
import type { Rule, RuleFamily, Violation } from './rule.ts';

const versions = 'those the sequence runs on';
const source = 'the sequence itself: its comment names the section of the test plan or documentation';

const reply: Rule = {
  name: 'claim/reply',
  kind: 'validation',
  statement: 'A command is answered as its step says (`expect`).',
  source,
  versions,
};
const awaited: Rule = {
  name: 'claim/await',
  kind: 'state',
  statement: 'What a step awaits with `expect: met` comes in time.',
  source,
  versions,
};
const guest: Rule = {
  name: 'claim/guest',
  kind: 'state',
  statement: 'A guest request ends as its step says (`expect`).',
  source,
  versions,
};
const image: Rule = {
  name: 'claim/image',
  kind: 'integrity',
  statement: 'What the sequence claims of its images (`after`) holds once QEMU has let go of them.',
  source,
  versions,
};

/** What the author of a sequence claims of it, beside what every run must keep to. */
export const claims: RuleFamily = {
  rules: [reply, awaited, guest, image],
  judge({ trace }) {
    const opened = trace[0];
    if (opened?.kind !== 'opened') return [];
    return trace.flatMap((seen, at) => claimed(opened.sequence, trace, seen, at));
  },
};

function claimed({ steps, after }: Sequence, trace: Trace, seen: Observation, at: number): Violation[] {
  switch (seen.kind) {
    case 'await': {
      const step = steps[seen.step];
      if (!step || !('await' in step) || step.expect !== 'met' || seen.outcome === 'met') return [];
      const why =
        seen.outcome === 'moot'
          ? 'can no longer come'
          : `did not come in ${Math.round(seen.waitedUs / 1000)} ms`;
      return [{ rule: awaited, at, step: seen.step, text: `${renderAwaited(step.await)} ${why}` }];
    }
    case 'command': {
      const step = seen.step === undefined ? undefined : steps[seen.step];
      if (!step || !('qmp' in step) || step.expect === undefined || step.qmp !== seen.name) return [];
      const text = replyMismatch(step.expect, replyTo(trace, seen.id, at));
      return text === undefined
        ? []
        : [
            {
              rule: reply,
              at,
              ...(seen.step === undefined ? {} : { step: seen.step }),
              text: `${seen.name}: ${text}`,
            },
          ];
    }
    case 'raw-sent': {
      const step = seen.step === undefined ? undefined : steps[seen.step];
      if (!step || !('raw' in step) || step.expect === undefined || isResync(seen)) return [];
      const errors = trace
        .slice(at)
        .filter((later) => later.kind === 'reply' && later.error && later.id === undefined);
      const wrong = step.expect === 'error' && errors.length === 0;
      return wrong
        ? [
            {
              rule: reply,
              at,
              ...(seen.step === undefined ? {} : { step: seen.step }),
              text: 'malformed input was not answered by an error',
            },
          ]
        : [];
    }
    case 'guest-end': {
      const begun = trace.find(
        (earlier) => earlier.kind === 'guest-begin' && earlier.request === seen.request,
      );
      const step = begun?.kind === 'guest-begin' && begun.step !== undefined ? steps[begun.step] : undefined;
      if (!step || !('guest' in step) || step.expect === undefined || step.expect === seen.result) return [];
      return [
        {
          rule: guest,
          at,
          text: `${step.guest} ended with ${seen.result}${seen.text ? `: ${seen.text}` : ''}`,
        },
      ];
    }
    case 'image': {
      const claim = after?.[seen.claim];
      if (!claim || seen.outcome === 'holds') return [];
      return [{ rule: image, at, text: `${renderClaim(claim)}: ${seen.text}` }];
    }
    default:
      return [];
  }
}

const isResync = (seen: Extract<Observation, { kind: 'raw-sent' }>): boolean =>
  seen.base64 === '/w==' && seen.sizeBytes === 1;

type Reply = Extract<Observation, { kind: 'reply' }>;

function replyTo(trace: Trace, id: Json, after: number): Reply | undefined {
  const wanted = JSON.stringify(id);
  return trace
    .slice(after)
    .find((seen): seen is Reply & Observation => seen.kind === 'reply' && JSON.stringify(seen.id) === wanted);
}

/** What is wrong with a reply, by the author's word; undefined where it is as claimed. */
function replyMismatch(claim: ReplyClaim, got: Reply | undefined): string | undefined {
  if (!got) return 'no reply';
  const said = got.error ? `${got.error.class}: ${got.error.desc}` : 'success';
  if (claim === 'ok') return got.error ? `expected success, got ${said}` : undefined;
  if (claim === 'error') return got.error ? undefined : 'expected an error, got success';
  if ('class' in claim) {
    const fits =
      got.error?.class === claim.class && (claim.desc === undefined || got.error.desc.includes(claim.desc));
    return fits ? undefined : `expected ${claim.class}${claim.desc ? ` "${claim.desc}"` : ''}, got ${said}`;
  }
  if (got.error) return `expected success, got ${said}`;
  return contains(got.return ?? null, claim.return)
    ? undefined
    : `expected ${JSON.stringify(claim.return)}, got ${JSON.stringify(got.return)}`;
}

/** Whether a returned value has everything the claim names; members that it does not name are free. */
function contains(value: Json, wanted: Json): boolean {
  if (Array.isArray(wanted)) {
    return (
      Array.isArray(value) &&
      value.length === wanted.length &&
      wanted.every((inner, i) => contains(value[i] ?? null, inner))
    );
  }
  if (wanted === null || typeof wanted !== 'object') return value === wanted;
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return false;
  return Object.entries(wanted).every(([key, inner]) => key in value && contains(value[key] ?? null, inner));
}
