import seedrandom from 'seedrandom';
import type { Json } from '../../src/sequence/step.ts';

/** One lie: which message of a session, and what becomes of it; `chance`: told only so often. */
export type Tampering = { at: Place; nth?: number | 'every'; chance?: number } & Act;

/** `reply` is the name of the command answered; `data` and `args` need only hold what is named. */
export type Place =
  | { event: string; data?: Record<string, Json> }
  | { reply: string }
  | { command: string; args?: Record<string, Json> };

export type Act =
  | { act: 'drop' | 'repeat' }
  /** Goes out after the next message of its direction. */
  | { act: 'swap' }
  | { act: 'delay'; ms: number }
  /** Keys are paths: `return.0.status`; a path that is not there is made. */
  | { act: 'edit'; set?: Record<string, Json>; unset?: string[] }
  /** Messages of the proxy's own, in front of this one and in the same direction. */
  | { act: 'add'; messages: Json[] }
  /** A command of the proxy's own, once the message has passed; nobody hears of its reply. `$DIR` is the session's directory. */
  | { act: 'send'; execute: string; arguments?: Record<string, Json> }
  | { act: 'kill'; signal: 'SIGSEGV' | 'SIGABRT' | 'SIGKILL'; stderr?: string }
  /** QEMU is ended at once, and this is its exit code. */
  | { act: 'exit'; code: number; stderr?: string }
  /** Inverts bytes of a file in the session's directory. */
  | { act: 'flip'; file: string; offsetBytes: number; lengthBytes: number };

export type Direction = 'from-qemu' | 'to-qemu';

/** What the proxy must do, in order, for one line that came. */
export type Deed =
  | { deed: 'relay' | 'send'; line: string }
  | { deed: 'wait'; ms: number }
  | { deed: 'disaster'; act: Disaster };
export type Disaster = Extract<Act, { act: 'kill' | 'exit' | 'flip' }>;

/** The tampering itself, without sockets and processes: a line in, deeds out. */
export function createTamperer(script: readonly Tampering[]): (line: string, from: Direction) => Deed[] {
  const asked = new Map<string, string>();
  const met = script.map(() => 0);
  const held: Record<Direction, string[]> = { 'from-qemu': [], 'to-qemu': [] };
  let ownId = 0;
  const random = seedrandom('tampering');

  return (line, from) => {
    const message = parse(line);
    if (!message) return [{ deed: 'relay', line }];
    if (from === 'from-qemu' && String(message.id).startsWith('tamper-')) return [];
    if (from === 'to-qemu') asked.set(JSON.stringify(message.id), String(message.execute));
    const acts = script.filter((each, i) => {
      if (!fits(each.at, message, from, asked)) return false;
      met[i] = (met[i] ?? 0) + 1;
      const isDue = each.nth === 'every' || met[i] === (each.nth ?? 1);
      return isDue && (each.chance === undefined || random() < each.chance);
    });
    const waiting = held[from].splice(0).map((text): Deed => ({ deed: 'relay', line: text }));
    return [...acts.reduce((deeds, act) => apply(act, deeds, from), [relay(line)]), ...waiting];
  };

  function apply(act: Act, deeds: Deed[], from: Direction): Deed[] {
    switch (act.act) {
      case 'drop':
        return deeds.filter(({ deed }) => deed !== 'relay');
      case 'repeat':
        return [...deeds, ...deeds];
      case 'swap':
        held[from].push(...deeds.flatMap((deed) => (deed.deed === 'relay' ? [deed.line] : [])));
        return [];
      case 'delay':
        return [{ deed: 'wait', ms: act.ms }, ...deeds];
      case 'edit':
        return deeds.map((deed) => (deed.deed === 'relay' ? relay(edited(deed.line, act)) : deed));
      case 'add':
        return [...act.messages.map((message) => relay(JSON.stringify(message))), ...deeds];
      case 'send': {
        const id = `tamper-${++ownId}`;
        const command = { execute: act.execute, arguments: act.arguments ?? {}, id };
        return [...deeds, { deed: 'send', line: JSON.stringify(command) }];
      }
      case 'kill':
      case 'exit':
        return [...deeds, { deed: 'disaster', act }];
      // Before the line goes on: whoever waits for it may read the file at once.
      case 'flip':
        return [{ deed: 'disaster', act }, ...deeds];
    }
  }
}

const relay = (line: string): Deed => ({ deed: 'relay', line });

function fits(at: Place, message: Message, from: Direction, asked: ReadonlyMap<string, string>): boolean {
  if ('command' in at)
    return from === 'to-qemu' && message.execute === at.command && holds(message.arguments, at.args);
  if (from !== 'from-qemu') return false;
  if ('event' in at) return message.event === at.event && holds(message.data, at.data);
  return ('return' in message || 'error' in message) && asked.get(JSON.stringify(message.id)) === at.reply;
}

function holds(value: Json | undefined, wanted: Record<string, Json> = {}): boolean {
  return Object.entries(wanted).every(
    ([key, inner]) => isObject(value) && JSON.stringify(value[key]) === JSON.stringify(inner),
  );
}

function edited(line: string, { set = {}, unset = [] }: Extract<Act, { act: 'edit' }>): string {
  const message: Json = JSON.parse(line);
  for (const [path, value] of Object.entries(set)) put(message, path.split('.'), value);
  for (const path of unset) put(message, path.split('.'), undefined);
  return JSON.stringify(message);
}

function put(into: Json | undefined, [key = '', ...rest]: string[], value: Json | undefined): void {
  if (into === null || typeof into !== 'object') return;
  const holder = into as Record<string, Json>; // an array's places are keys as well
  if (rest.length > 0) {
    holder[key] ??= {};
    put(holder[key], rest, value);
  } else if (value === undefined) delete holder[key];
  else holder[key] = value;
}

type Message = { [key: string]: Json };

function parse(line: string): Message | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return isObject(value as Json) ? (value as Message) : undefined;
  } catch {
    return undefined;
  }
}

function isObject(value: Json | undefined): value is Message {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
