import { isJsonObject } from '../../sequence/json-object.ts';
import type { Dialect } from '../../sequence/sequence.ts';
import type { Json } from '../../sequence/step.ts';
import { classify, type QmpEvent, type QmpMessage, type QmpReply } from '../message.ts';
import { type ClientMessage, cutMessages } from './client-messages.ts';
import { type DeviceJob, trackDeviceJobs } from './device-jobs.ts';
import { isHiddenEvent } from './era.ts';
import { parseExactly } from './exact-json.ts';
import { cutLines } from './qemu-lines.ts';
import type { DeviceWorld, Heard, TranslatedAnswer, Translation } from './translation.ts';
import { translationOf } from './vocabulary.ts';

/** Where bytes go; `hidden` hears of the events that the dialect has not. */
export type Wires = {
  toQemu(bytes: Buffer | string): void;
  toClient(bytes: Buffer): void;
  hidden?(event: QmpEvent): void;
};

/**
 * Stands between one client and QEMU's monitor, and has the client believe that it speaks with the QEMU of that time.
 * Bytes come in by two functions and go out by two others, however cut.
 */
export type Translator = {
  fromClient(bytes: Buffer): void;
  fromQemu(bytes: Buffer): void;
  /** QEMU has closed the connection: an unfinished line goes on as it is. */
  endOfQemu(): void;
  /** From here on commands are QEMU's own; replies and events still come as the dialect has them. */
  bypass(): void;
};

export function createTranslator(dialect: Dialect, wires: Wires): Translator {
  const world: DeviceWorld = { dialect, jobs: trackDeviceJobs() };
  const waiting: ClientMessage[] = [];
  let current: Running | undefined;
  let asked = 0;
  let bypassed = false;
  const client = cutMessages((message) => {
    waiting.push(message);
    next();
  });
  const qemu = cutLines(hear);

  return {
    fromClient(bytes) {
      if (bypassed) wires.toQemu(bytes);
      else client.receive(bytes);
    },
    fromQemu: qemu.receive,
    endOfQemu: () => qemu.end(wires.toClient),
    bypass() {
      bypassed = true;
    },
  };

  /** The monitor of that time did one thing after the other, so what comes meanwhile waits. */
  function next(): void {
    while (!current) {
      const message = waiting.shift();
      if (!message) return;
      const { command } = message;
      const translation = command && translationOf(dialect, command.name)?.(command.args, world);
      if (!translation) wires.toQemu(message.bytes);
      else {
        current = { translation, ...(command.id === undefined ? {} : { id: command.id }), awaits: undefined };
        proceed(current);
      }
    }
  }

  /** Runs a translation until it waits for something that has not come yet, or is done. */
  function proceed(running: Running, first?: Heard): void {
    let heard = first;
    for (;;) {
      const { done, value } =
        heard === undefined ? running.translation.next() : running.translation.next(heard);
      if (done) {
        finish(running, value);
        return;
      }
      if (value.kind === 'ask') {
        running.awaits = `dialect-${++asked}`;
        const given = Object.keys(value.args).length > 0 ? { arguments: value.args } : {};
        wires.toQemu(`${JSON.stringify({ execute: value.name, ...given, id: running.awaits })}\n`);
        return;
      }
      running.awaits = value.job;
      heard = value.job.end;
      if (!heard) return;
    }
  }

  function finish({ id }: Running, answer: TranslatedAnswer): void {
    wires.toClient(line({ ...answer, ...(id === undefined ? {} : { id }) } as Json));
    current = undefined;
    next();
  }

  function hear(bytes: Buffer): void {
    const message = read(bytes);
    const mine = message?.kind === 'reply' && message.id !== undefined && message.id === current?.awaits;
    if (mine && current) proceed(current, answerOf(message));
    else if (message?.kind === 'event') hearEvent(message, bytes);
    else if (message?.kind === 'greeting') wires.toClient(line(withoutCapabilities(message.message)));
    else wires.toClient(bytes);
  }

  function hearEvent(event: QmpEvent, bytes: Buffer): void {
    if (isHiddenEvent(event.name)) {
      wires.hidden?.(event);
      return;
    }
    world.jobs.note(event);
    wires.toClient(bytes);
    const awaits = current?.awaits;
    if (current && typeof awaits === 'object' && awaits.end) proceed(current, awaits.end);
  }
}

/** `awaits`: the id of what QEMU was asked, or the job whose end is waited for. */
type Running = { translation: Translation; id?: Json; awaits: string | DeviceJob | undefined };

const answerOf = ({ return: value = {}, error }: QmpReply): TranslatedAnswer =>
  error ? { error } : { return: value };

function read(bytes: Buffer): QmpMessage | undefined {
  try {
    return classify(parseExactly(bytes.toString()), bytes);
  } catch {
    return undefined;
  }
}

/** Neither of these QEMUs knew any. */
function withoutCapabilities(message: Json): Json {
  if (!isJsonObject(message) || !isJsonObject(message.QMP)) return message;
  return { ...message, QMP: { ...message.QMP, capabilities: [] } };
}

const line = (message: Json): Buffer => Buffer.from(`${JSON.stringify(message)}\r\n`);
