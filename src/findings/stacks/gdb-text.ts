import { type Loaded, place, programFile, readMappings } from './loaded.ts';
import { cut, type Frame, type Part, type Stack, stackLimits } from './stack.ts';

type Read = Pick<Stack, 'is' | 'said' | 'parts'> & { file?: string };

/** The stacks in gdb's output (target/debuggers/gdb.ts); undefined where the program went its way. `file`: QEMU's program. */
export function readGdb(text: string): Read | undefined {
  const signal = [...text.matchAll(/ received signal (SIG[A-Z]+)/g)].at(0)?.[1];
  if (signal === undefined) return undefined;
  const loaded = readMappings(between(text, '@@maps', '@@died'));
  const died = frames(between(text, '@@died', '@@threads').split('\n'), loaded);
  const file = programFile(loaded);
  const found = file === undefined ? {} : { file };
  if (signal === 'SIGINT') {
    const parts = threads(between(text, '@@threads', '@@end'), loaded);
    return parts.length === 0 ? undefined : { is: 'hang', said: 'it hangs', parts, ...found };
  }
  if (died.length === 0) return undefined;
  const is = signal === 'SIGABRT' ? 'abort' : 'fault';
  return { is, said: signal, parts: [{ of: 'died', frames: died }], ...found };
}

function between(text: string, from: string, to: string): string {
  const begin = text.indexOf(`${from}\n`);
  if (begin === -1) return '';
  const end = text.indexOf(`${to}\n`, begin);
  return text.slice(begin + from.length + 1, end === -1 ? undefined : end);
}

/** Of a hang: the main thread, which is gdb's first, and those that carry out requests. The rest waits by trade. */
function threads(text: string, loaded: Loaded): Part[] {
  const all = text.split(/\n(?=Thread \d)/).flatMap((one): Part[] => {
    const [head = '', ...lines] = one.trimStart().split('\n');
    const number = /^Thread (\d+) /.exec(head)?.[1];
    const found = frames(lines, loaded);
    if (number === undefined || found.length === 0) return [];
    if (number === '1') return [{ of: 'main thread', frames: found }];
    return found.some(isRequest) ? [{ of: 'I/O thread', frames: found }] : [];
  });
  return all.sort((a, b) => Number(b.of === 'main thread') - Number(a.of === 'main thread')).slice(0, 4);
}

/** An iothread's loop, or a block driver at work in the thread pool. */
const isRequest = ({ function: name = '' }: Frame): boolean =>
  /^(aio_poll|bdrv_|blk_|iothread_run)/.test(name);

function frames(lines: readonly string[], loaded: Loaded): Frame[] {
  const found = lines.flatMap((line): Frame[] => {
    // Of a function without a name gdb writes `??`, or nothing.
    const parsed = /^#\d+ +(?:0x([0-9a-f]+) in )?(?:(.+?) | ?)\(.*?\)(?: at (.+:\d+)| from (.+))?$/.exec(
      line,
    );
    if (!parsed) return [];
    const [, address, name = '??', source] = parsed;
    const at = address === undefined ? undefined : place(loaded, `0x${address}`);
    // Up a coroutine's stack there is nothing, and gdb goes on into what lies there.
    if (address !== undefined && at === undefined) return [];
    const known = name === '??' ? {} : { function: cut(name) };
    return [{ ...known, ...(source === undefined ? {} : { source: cut(source) }), ...at }];
  });
  return found.slice(0, stackLimits.frames);
}
