import type { Socket } from 'node:net';
import { contentBytes, sectorBytes, stampBytes } from '../../trace/content-bytes.ts';
import type { GuestOp } from '../../trace/observation.ts';
import { limits } from '../limits.ts';
import { byteReader, type Take } from './byte-reader.ts';
import type { GuestResult, OpenGuestDisk } from './guest-writer.ts';

/** Which sectors a request is about, and of which of the BIOS's drives; the boot drive is 0x80. */
type Place = { drive: number; firstSector: number; sectors: number };

/**
 * The guest that boots (guest/boot-sector.asm), on the other end of a serial line: every request goes through the BIOS
 * and the disk's real device. It does one thing at a time, in the order in which it was asked.
 */
export type GuestMachine = {
  /** Resolves once it has said that it runs; rejects where the line ends before. */
  greeting: Promise<void>;
  /** `seedText`: what the unique content of the disk behind the drive is drawn from. */
  disk(drive: number, seedText: string): OpenGuestDisk;
  /** The sums of word-sums.ts over a drive from its begin on; 'disconnected' where the guest is gone. */
  sums(drive: number, lengthBytes: number): Promise<{ sums: string } | { error: string }>;
};

export function openGuestMachine(line: Socket): GuestMachine {
  const take = byteReader(line, hungUp);
  const greeting = expectGreeting(take);
  let idle: Promise<unknown> = greeting.catch(() => {});

  /** Its turn comes when all that was asked before is answered. */
  function inTurn<T>(ask: () => Promise<T>): Promise<T> {
    const turn = idle.then(ask);
    idle = turn.catch(() => {});
    return turn;
  }

  return {
    greeting,
    disk: (drive, seedText) => openDisk((op) => inTurn(() => carryOut(line, take, { drive, seedText }, op))),
    sums: (drive, lengthBytes) => inTurn(() => readSums(line, take, drive, lengthBytes)),
  };
}

const hungUp = 'the guest is gone';

async function expectGreeting(take: Take): Promise<void> {
  while ((await take(1)).toString('latin1') !== '!');
}

/** What was abandoned is answered all the same some day, and the line is in step again. */
function openDisk(submit: (op: GuestOp) => Promise<GuestResult>): OpenGuestDisk {
  const inFlight = new Set<Promise<GuestResult>>();
  let abandon = Promise.withResolvers<GuestResult>();
  const abandonAll = (): void => {
    abandon.resolve({ result: 'disconnected', text: hungUp });
    abandon = Promise.withResolvers();
  };
  return {
    submit(op) {
      const gone = (): GuestResult => ({ result: 'disconnected', text: hungUp });
      const done = Promise.race([submit(op).catch(gone), abandon.promise]);
      inFlight.add(done);
      void done.then(() => inFlight.delete(done));
      return { done };
    },
    async close() {
      const timer = setTimeout(abandonAll, limits.guestCloseDeadlineMs);
      await Promise.all(inFlight);
      clearTimeout(timer);
    },
    abandon: abandonAll,
  };
}

type GuestDrive = { drive: number; seedText: string };

/** Piece by piece, as large as the guest's buffer, up to the first that fails. */
async function carryOut(
  line: Socket,
  take: Take,
  { drive, seedText }: GuestDrive,
  op: GuestOp,
): Promise<GuestResult> {
  if (op.op === 'flush') return { result: 'ok' }; // the BIOS asks for no write cache, and so QEMU flushes each write
  if (op.op === 'discard') return { result: 'error', text: 'the BIOS has no discard' };
  if (op.offsetBytes % sectorBytes !== 0 || op.lengthBytes % sectorBytes !== 0)
    return { result: 'error', text: `the BIOS counts in sectors of ${sectorBytes} bytes` };
  const found: Buffer[] = [];
  for (const place of piecesOf(drive, op)) {
    line.write(op.op === 'read' ? message('r', place) : writing(place, seedText, op));
    const failed = await failure(take);
    if (failed) return { result: 'error', text: failed };
    if (op.op === 'read') for (let i = 0; i < place.sectors; i++) found.push(await takeSector(take));
  }
  return op.op === 'read' ? { result: 'ok', bytes: Buffer.concat(found) } : { result: 'ok' };
}

/** The guest composes sectors of 16 bytes: a stamp, which counts the sectors, or one byte repeated. */
function writing(
  place: Place,
  seedText: string,
  op: Extract<GuestOp, { op: 'write' | 'zero' | 'discard' }>,
): Buffer {
  if (op.op !== 'write') return message('w', place, Buffer.alloc(stampBytes));
  if (op.pattern !== undefined) return message('w', place, Buffer.alloc(stampBytes, op.pattern));
  return message(
    's',
    place,
    contentBytes(seedText, place.firstSector * sectorBytes, stampBytes, op.generation),
  );
}

async function readSums(
  line: Socket,
  take: Take,
  drive: number,
  lengthBytes: number,
): Promise<{ sums: string } | { error: string }> {
  const sectors = lengthBytes / sectorBytes;
  const rounds = Math.floor(sectors / sectorsAtOnce);
  const whole = { place: { drive, firstSector: 0, sectors: sectorsAtOnce }, rounds };
  const rest = sectors - rounds * sectorsAtOnce;
  const last = { place: { drive, firstSector: sectors - rest, sectors: rest }, rounds: 1 };
  let sums = '';
  try {
    for (const { place, rounds } of [whole, last]) {
      if (place.sectors * rounds === 0) continue;
      const unit = Buffer.alloc(stampBytes);
      unit.writeUInt32LE(rounds);
      line.write(message('c', place, unit));
      const failed = await failure(take);
      if (failed) return { error: failed };
      sums = (await take(8)).toString('hex');
    }
    return { sums };
  } catch {
    return { error: hungUp };
  }
}

/** The sectors of one message: 32 KiB, well within the guest's buffer of 64. */
const sectorsAtOnce = 64;

function* piecesOf(
  drive: number,
  { offsetBytes, lengthBytes }: { offsetBytes: number; lengthBytes: number },
): Generator<Place> {
  const end = (offsetBytes + lengthBytes) / sectorBytes;
  for (let sector = offsetBytes / sectorBytes; sector < end; sector += sectorsAtOnce)
    yield { drive, firstSector: sector, sectors: Math.min(sectorsAtOnce, end - sector) };
}

/** As guest/boot-sector.asm lays it out. */
function message(
  command: 'w' | 's' | 'r' | 'c',
  { drive, firstSector, sectors }: Place,
  unit?: Buffer,
): Buffer {
  const bytes = Buffer.alloc(34);
  bytes.write(command, 0, 'latin1');
  bytes.writeUInt8(drive, 1);
  bytes.writeUInt16LE(16, 2);
  bytes.writeUInt16LE(sectors, 4);
  bytes.writeUInt16LE(0x1000, 8);
  bytes.writeBigUInt64LE(BigInt(firstSector), 10);
  unit?.copy(bytes, 18);
  return bytes;
}

/** What the BIOS says is wrong; undefined for success. */
async function failure(take: Take): Promise<string | undefined> {
  const answer = (await take(1)).toString('latin1');
  if (answer === '+') return undefined;
  const code = (await take(1)).readUInt8();
  return `the BIOS answers ${code.toString(16).padStart(2, '0')}h: ${biosErrors[code] ?? 'an error'}`;
}

/** INT 13h's AH, as SeaBIOS uses it (src/disk.h): a device's own error is "bad track", whatever it was. */
const biosErrors: Partial<Record<number, string>> = {
  1: 'it knows no such drive or sector',
  3: 'the disk is read-only',
  12: 'the device failed the request',
  32: 'the controller failed',
  128: 'the device does not answer',
};

async function takeSector(take: Take): Promise<Buffer> {
  const repeats = (await take(1)).toString('latin1') === '=';
  return repeats ? Buffer.alloc(sectorBytes, await take(stampBytes)) : take(sectorBytes);
}
