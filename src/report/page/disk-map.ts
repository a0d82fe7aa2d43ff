import { type ContentFact, heldWords, type WrongRange } from '../../judge/facts/content.ts';
import type { DiskMap, MapRun } from '../../page/model.ts';
import { printable } from '../../printable.ts';
import type { ContentRun, Origin } from '../../trace/content-run.ts';
import type { Trace } from '../../trace/observation.ts';

/** What a disk holds beside what it should. Of a trace that does not have all that was read: the wrong ranges alone. */
export function diskMapOf(facts: ContentFact, trace: Trace, at: number): DiskMap {
  const read = whatWasRead(facts, trace, at);
  const wrong = [...facts.wrong].sort((a, b) => a.offsetBytes - b.offsetBytes);
  const last = wrong.at(-1);
  const holds = read?.runs.map(runOf) ?? wrong.map((range) => wrongRun(range, [range.holds]));
  return {
    of: printable(
      'image' in facts.of
        ? [facts.of.image, facts.of.when].filter(Boolean).join(', ')
        : `${facts.of.disk}, read by guest request ${facts.of.request}`,
    ),
    sizeBytes: read?.sizeBytes ?? (last ? last.offsetBytes + last.lengthBytes : 0),
    holds: marked(holds, wrong),
    due: overlaid(holds, wrong),
    wrong: wrong.map((range) => ({
      offsetBytes: range.offsetBytes,
      lengthBytes: range.lengthBytes,
      words: rangeWords(range),
    })),
    more: facts.more,
    isPart: read === undefined || facts.more > 0,
  };
}

function rangeWords(range: WrongRange): string {
  const { offsetBytes, lengthBytes, holds, due } = range;
  const bytes =
    lengthBytes === 1
      ? `Byte ${offsetBytes} holds`
      : `Bytes ${offsetBytes} to ${offsetBytes + lengthBytes - 1} hold`;
  return `${bytes} ${wrongRun(range, [holds]).text}, not ${wrongRun(range, due).text}.`;
}

/** The observation that shows it, or the last of that image. */
function whatWasRead(
  facts: ContentFact,
  trace: Trace,
  at: number,
): { runs: ContentRun[]; sizeBytes: number } | undefined {
  const { of } = facts;
  const shows = (seen: Trace[number] | undefined): { runs: ContentRun[]; sizeBytes: number } | undefined => {
    if ('image' in of)
      return seen?.kind === 'content' && seen.image === of.image
        ? { runs: seen.runs, sizeBytes: seen.sizeBytes }
        : undefined;
    if (seen?.kind !== 'guest-end' || seen.request !== of.request || !seen.runs) return undefined;
    const end = seen.runs.at(-1);
    return { runs: seen.runs, sizeBytes: end ? end[0] + end[1] : 0 };
  };
  return shows(trace[at]) ?? trace.map(shows).findLast((each) => each !== undefined);
}

const runOf = ([offsetBytes, lengthBytes, origin]: ContentRun): MapRun => ({
  offsetBytes,
  lengthBytes,
  tone: toneOf(origin),
  text: printable(originWords(origin)),
});

const wrongRun = ({ offsetBytes, lengthBytes }: WrongRange, contents: WrongRange['due']): MapRun => ({
  offsetBytes,
  lengthBytes,
  tone: contents[0] ? toneOf(contents[0].origin) : 'other',
  text: printable(
    contents.map((held) => (held.by ? heldWords(held) : originWords(held.origin))).join(' or ') ||
      'nothing that is known',
  ),
});

function toneOf(origin: Origin): MapRun['tone'] {
  if (origin === 'zero') return 'zero';
  if (origin === 'boot' || /^[^:]*:0(@|$)/.test(origin)) return 'initial';
  return /^(byte|unknown):/.test(origin) ? 'other' : 'write';
}

function originWords(origin: Origin): string {
  if (origin === 'zero') return 'zeroes';
  if (origin === 'boot') return 'the boot sector';
  const [, disk, number] = /^([^:]*):(\d+)$/.exec(origin) ?? [];
  if (disk === undefined || number === undefined || disk === 'byte' || disk === 'unknown') return origin;
  return number === '0' ? `what ${disk} was made with` : `guest write ${number} to ${disk}`;
}

/** The same runs, cut where wrong ranges begin and end. */
function marked(runs: readonly MapRun[], wrong: readonly WrongRange[]): MapRun[] {
  return runs.flatMap((run) =>
    cut(run, wrong).map(({ part, by }) => (by ? { ...part, isWrong: true as const } : part)),
  );
}

/** What was due: in wrong ranges what they should hold, elsewhere what is there. */
function overlaid(runs: readonly MapRun[], wrong: readonly WrongRange[]): MapRun[] {
  const right = runs.flatMap((run) => cut(run, wrong).flatMap(({ part, by }) => (by ? [] : [part])));
  return [...right, ...wrong.map((range) => wrongRun(range, range.due))].sort(
    (a, b) => a.offsetBytes - b.offsetBytes,
  );
}

function cut(run: MapRun, wrong: readonly WrongRange[]): { part: MapRun; by?: WrongRange }[] {
  const endBytes = run.offsetBytes + run.lengthBytes;
  const parts: { part: MapRun; by?: WrongRange }[] = [];
  let from = run.offsetBytes;
  const upTo = (to: number, by?: WrongRange): void => {
    if (to <= from) return;
    parts.push({ part: { ...run, offsetBytes: from, lengthBytes: to - from }, ...(by ? { by } : {}) });
    from = to;
  };
  for (const range of wrong) {
    if (range.offsetBytes >= endBytes || range.offsetBytes + range.lengthBytes <= from) continue;
    upTo(range.offsetBytes);
    upTo(Math.min(endBytes, range.offsetBytes + range.lengthBytes), range);
  }
  upTo(endBytes);
  return parts;
}
