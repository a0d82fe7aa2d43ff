import type { Trace } from '../../trace/observation.ts';
import type { Place } from '../../trace/place.ts';
import { asPlace } from '../../trace/place.ts';
import type { ReportedFact } from '../facts/reported.ts';

export type Report = { facts: ReportedFact; at: Place };

/**
 * What sanitizers have said, in order. UBSan says one line, and QEMU goes on; AddressSanitizer ends it; LeakSanitizer
 * lists at its end each place that allocated what nothing points to any more.
 */
export function sanitizerReports(trace: Trace): Report[] {
  const lines = linesOf(trace);
  return lines.flatMap(({ text, at }, i): Report[] => {
    const facts = headOf(text);
    return facts ? [{ at, facts: { ...facts, frames: framesAfter(lines.slice(i + 1)) } }] : [];
  });
}

/** Whether a report tells why QEMU ended so: AddressSanitizer and what it is told to stop at end it, and leaks set its exit code. */
export function endedByReport(trace: Trace, asked: boolean): boolean {
  const by = sanitizerReports(trace).map(({ facts }) => facts.by);
  if (by.includes('AddressSanitizer')) return true;
  return asked ? tellsLeaks(trace) : by.at(-1) === 'UndefinedBehaviorSanitizer';
}

/** Also where it names no place: of a ring of objects each hangs on another. */
export const tellsLeaks = (trace: Trace): boolean =>
  linesOf(trace).some(({ text }) => text.includes('ERROR: LeakSanitizer: detected memory leaks'));

type Line = { text: string; at: Place };
type Head = Omit<ReportedFact, 'frames'>;

/** A line belongs to the message that it begins in: stderr comes in pieces of any size. */
function linesOf(trace: Trace): Line[] {
  const lines: Line[] = [];
  let open: Line | undefined;
  trace.forEach((seen, at) => {
    if (seen.kind !== 'stderr') return;
    for (const piece of seen.text.split(/(?<=\n)/)) {
      open = open ? { ...open, text: open.text + piece } : { text: piece, at: asPlace(at) };
      if (!piece.endsWith('\n')) continue;
      lines.push({ ...open, text: open.text.trimEnd() });
      open = undefined;
    }
  });
  return open ? [...lines, open] : lines;
}

function headOf(line: string): Head | undefined {
  const address = /ERROR: (AddressSanitizer):? (?:attempting )?([\w-]+)/.exec(line);
  if (address)
    return { ...common, by: 'AddressSanitizer', what: address[2] as string, said: address[0].slice(7) };
  const behaviour = /([^\s:/]+):\d+:\d+: (runtime error: (.*))$/.exec(line);
  if (behaviour) {
    const [, file, said = '', text = ''] = behaviour;
    return { ...common, by: 'UndefinedBehaviorSanitizer', what: `${file}: ${withoutFigures(text)}`, said };
  }
  const leak = /^Direct leak of (\d+) byte\(s\) in (\d+) object/.exec(line);
  if (!leak) return undefined;
  const eachBytes = Number(leak[1]) / Number(leak[2]);
  const what = Number.isInteger(eachBytes) ? `objects of ${eachBytes} bytes` : 'objects of several sizes';
  return { ...common, by: 'LeakSanitizer', what, said: line.replace(/:$/, '') };
}

const common = { shape: 'reported' } as const;

const withoutFigures = (text: string): string =>
  text.replaceAll(/0x[0-9a-f]+/g, 'N').replaceAll(/-?\d+(\.\d+)?(e\+\d+)?/g, 'N');

/** Up to the next line that is none; AddressSanitizer's begin after one that says how memory was accessed. */
function framesAfter(lines: readonly Line[]): string[] {
  const begin = lines.findIndex(({ text }) => frame.test(text));
  if (begin === -1 || lines.slice(0, begin).some(({ text }) => !isBefore(text))) return [];
  const rest = lines.slice(begin);
  const end = rest.findIndex(({ text }) => !frame.test(text));
  return rest
    .slice(0, end === -1 ? rest.length : end)
    .flatMap(({ text }) => ownFunction(text) ?? [])
    .slice(0, framesMax);
}

const framesMax = 8;

/** `#0 0x55d0 in bdrv_unref ../block.c:12:3`, or `(/lib/libc.so.6+0x1f2) (BuildId: …)` without debug information. */
const frame = /^\s*#\d+ 0x[0-9a-f]+ /;

const isBefore = (line: string): boolean =>
  line === '' || /^(READ|WRITE) of size|^==\d+==(The signal|Hint|WARNING)/.test(line);

/** Of QEMU, and by name: not of a library, and not of the sanitizer itself. */
function ownFunction(line: string): string | undefined {
  const [, name, where = ''] = /^\s*#\d+ 0x[0-9a-f]+ in (\S+)(.*)$/.exec(line) ?? [];
  if (name === undefined || /^(__|_start$|g_|operator )/.test(name)) return undefined;
  const isOfLibrary =
    /\(.*\/(lib[^/]*|ld-[^/]*)\+0x/.test(where) || /\/(libsanitizer|compiler-rt)\//.test(where);
  return isOfLibrary || allocators.has(name) ? undefined : name;
}

const allocators: ReadonlySet<string> = new Set([
  ...[
    'malloc',
    'calloc',
    'realloc',
    'free',
    'posix_memalign',
    'memalign',
    'strdup',
    'strndup',
    'memcpy',
    'memset',
  ],
  ...['qemu_memalign', 'qemu_try_memalign', 'qemu_blockalign', 'qemu_try_blockalign', 'qemu_vfree'],
]);
