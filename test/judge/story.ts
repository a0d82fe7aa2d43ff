import { jobCommands } from '../../src/model/job-commands.ts';
import type { Sequence } from '../../src/sequence/sequence.ts';
import type { Json } from '../../src/sequence/step.ts';
import type { ContentRun, Origin } from '../../src/trace/content-run.ts';
import type { Observation, Trace } from '../../src/trace/observation.ts';

/** What stands around a story; a QEMU 7.2 with an empty arena unless said otherwise. */
export type Setting = {
  version?: string;
  flavour?: 'system' | 'daemon';
  roundTripUs?: number;
  instruments?: string[];
  sequencesBefore?: number;
} & Partial<Pick<Sequence, 'arena' | 'steps' | 'after'>>;

/**
 * A trace as people tell it, a line an observation:
 *
 *     > mirror j0 speed=1           a start, in short; `> job-pause j0`, `> query-jobs`, `> transaction grouped j0 j1`
 *     < ok                          the reply to the oldest command without one; `< GenericError: text`, `< [1]`
 *     < jobs j0 ready 50/100        what a query shows; more members by name, more jobs behind `|`
 *     ! j0 created running          JOB_STATUS_CHANGE, one each
 *     ! READY j0 100/100 speed=0    BLOCK_JOB_READY; `! ERROR j0 read stop`, `! PENDING j0`, `! SHUTDOWN`
 *     * 1 write src 0+65536         the guest's request 1 begins; `zero`, `discard`, `read`, `flush src`; `fua`, `via=hmp`
 *     * 1 ok                        it has ended; `* 2 error`; `* 3 ok 0+4096:src:1 4096+512:zero`, what a read found
 *     = dst 0+4096:src:1            what an image holds in the end
 *     ~ exit code=0 asked=true      any other observation, by its kind
 *     + 500 ms                      time passes; else every line takes a microsecond
 *     @ -500 ms                     the host's clock is set, by which QEMU stamps its events; no time passes
 */
export function story(text: string, setting: Setting = {}): Trace {
  const trace: Observation[] = [];
  const note = (seen: object): void => void trace.push({ us: clockUs++, ...seen } as Observation);
  const unanswered: string[] = [];
  const types = new Map<string, string>();
  let ids = 0;
  let clockUs = 0;
  let setUs = 0;
  note(opened(setting));
  note({ kind: 'phase', phase: 'steps' });
  for (const line of text.split('\n').map((each) => each.replace(/\s#.*$/, '').trim())) {
    const [mark, first = '', ...rest] = words(line);
    if (mark === '>') tellCommand(first, rest);
    else if (mark === '<')
      note({ kind: 'reply', id: unanswered.shift(), ...answer(line.slice(1).trim(), types) });
    else if (mark === '!') tellEvent(first, rest);
    else if (mark === '*') note(guest(Number(first), rest));
    else if (mark === '=') note(content(first, rest));
    else if (mark === '~')
      note({ kind: first, ...(first === 'exit' ? { signal: null } : {}), ...members(rest) });
    else if (mark === '+') clockUs += Number(first) * 1000;
    else if (mark === '@') setUs += Number(first) * 1000;
    else if (line !== '') throw new Error(`no line of a story: ${line}`);
  }
  return trace;

  function tellCommand(word: string, rest: string[]): void {
    const id = `m${++ids}`;
    unanswered.push(id);
    const { step, oob, ...args } = members(rest);
    const { name, args: own } = command(
      word,
      rest.filter((each) => !each.includes('=')),
    );
    if (starts[word]) types.set(rest[0] ?? '', starts[word].type);
    for (const job of word === 'transaction' ? rest : []) types.set(job, 'backup');
    const how = { ...(step === undefined ? {} : { step }), ...(oob === true ? { oob } : {}) };
    note({ kind: 'command', id, name, args: { ...own, ...args }, ...how });
  }

  function tellEvent(word: string, rest: string[]): void {
    const event = (name: string, data: object): void =>
      note({ kind: 'event', name, data, qemuUs: epochUs + clockUs + setUs });
    const [id = ''] = rest;
    if (/^[a-z]/.test(word)) for (const status of rest) event('JOB_STATUS_CHANGE', { status, id: word });
    else if (word === 'PENDING') event('BLOCK_JOB_PENDING', { type: types.get(id) ?? 'mirror', id });
    else if (word === 'ERROR')
      event('BLOCK_JOB_ERROR', { device: id, operation: rest[1] ?? '', action: rest[2] ?? '' });
    else if (/^(READY|COMPLETED|CANCELLED)$/.test(word)) {
      const data = {
        device: id,
        type: types.get(id) ?? 'mirror',
        speed: 0,
        ...progress(rest[1]),
        ...members(rest),
      };
      event(`BLOCK_JOB_${word}`, data);
    } else event(word, members(rest));
  }
}

/** When every story begins. */
const epochUs = Date.parse('2000-01-01T00:00:00.000Z') * 1000;

const starts: Record<string, { name: string; type: string } | undefined> = {
  mirror: { name: 'blockdev-mirror', type: 'mirror' },
  backup: { name: 'blockdev-backup', type: 'backup' },
  stream: { name: 'block-stream', type: 'stream' },
  commit: { name: 'block-commit', type: 'commit' },
};

function command(
  word: string,
  [first = '', ...rest]: string[],
): { name: string; args: Record<string, Json> } {
  const start = starts[word];
  const where = { 'job-id': first, device: 'src', target: 'dst', sync: 'full' };
  if (start && (word === 'mirror' || word === 'backup')) return { name: start.name, args: where };
  if (start) return { name: start.name, args: { 'job-id': first, device: 'src' } };
  if (word === 'transaction') {
    const actions = rest.map((id) => ({ type: 'blockdev-backup', data: { ...where, 'job-id': id } }));
    return { name: word, args: { actions, properties: { 'completion-mode': first } } };
  }
  const job = jobCommands[word];
  return { name: word, args: job ? { [job.idArgument]: first } : {} };
}

function answer(text: string, types: ReadonlyMap<string, string>): object {
  if (text === 'ok') return { return: {} };
  if (/^jobs\b/.test(text)) {
    const each = text
      .slice('jobs'.length)
      .split('|')
      .map((part) => words(part));
    return { return: each.flatMap((job) => shown(job, types)) };
  }
  const error = /^(\w+): (.*)$/.exec(text);
  return error ? { error: { class: error[1], desc: error[2] } } : { return: JSON.parse(text) };
}

function guest(request: number, [word = '', disk = '', ...rest]: string[]): object {
  if (!/^[a-z]+$/.test(disk)) {
    const runs = [disk, ...rest].filter((each) => each !== '').map(run);
    return { kind: 'guest-end', request, result: word, ...(runs.length > 0 ? { runs } : {}) };
  }
  const [offsetBytes = 0, lengthBytes = 0] = (rest[0] ?? '').split('+').map(Number);
  const place = word === 'flush' ? {} : { offsetBytes, lengthBytes };
  const bytes = word === 'write' ? { generation: request } : {};
  const op = { op: word, ...place, ...bytes, ...(rest.includes('fua') ? { fua: true } : {}) };
  return { kind: 'guest-begin', request, disk, op, via: rest.includes('via=hmp') ? 'hmp' : 'nbd' };
}

function content(image: string, rest: string[]): object {
  const runs = rest.filter((each) => !each.includes('=')).map(run);
  const last = runs.at(-1);
  const sizeBytes = last ? last[0] + last[1] : 0;
  return { kind: 'content', claim: 0, image, sizeBytes, sha256: '', runs, ...members(rest) };
}

/** `0+4096:src:1` */
function run(text: string): ContentRun {
  const [, offset, length, origin] = /^(\d+)\+(\d+):(.*)$/.exec(text) ?? [];
  return [Number(offset), Number(length), origin as Origin];
}

/** A job as query-block-jobs shows it, or none. */
function shown([id, status, place, ...rest]: string[], types: ReadonlyMap<string, string>): object[] {
  if (id === undefined) return [];
  const ready = status === 'ready' || status === 'standby';
  const type = types.get(id) ?? 'mirror';
  return [
    { device: id, type, status, ready, speed: 0, 'io-status': 'ok', ...progress(place), ...members(rest) },
  ];
}

/** `50/100` is offset and len. */
function progress(place = ''): { offset: number; len: number } {
  const [offset = 0, len = 0] = place.split('/').map(Number);
  return { offset, len };
}

/** `key=value` words; a value is JSON where it can be read so, else a text. */
function members(list: readonly string[]): Record<string, Json> {
  return Object.fromEntries(
    list.flatMap((word) => {
      const [, key, value] = /^([\w-]+)=(.*)$/.exec(word) ?? [];
      return key === undefined || value === undefined ? [] : [[key, readValue(value)]];
    }),
  );
}

function readValue(text: string): Json {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Words end at spaces, but not inside quotes. */
const words = (line: string): string[] => line.match(/(?:"[^"]*"|\S)+/g) ?? [];

function opened({
  version = '7.2.22',
  flavour = 'daemon',
  roundTripUs = 300,
  instruments,
  sequencesBefore = 0,
  ...sequence
}: Setting): object {
  return {
    kind: 'opened',
    schema: 1,
    tool: { name: 'mirrorfuzz', version: 'test' },
    qemu: { label: version, version, flavour, ...(instruments ? { instruments } : {}) },
    startedAt: '2000-01-01T00:00:00.000Z',
    session: { sequencesBefore },
    roundTripUs,
    sequence: { schema: 1, title: 'a story', arena: { disks: [] }, steps: [], ...sequence },
  };
}
