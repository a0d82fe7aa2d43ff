import type { GuestOp, Observation } from './observation.ts';

/** One observation as people read it; undefined where it only divides a trace. */
export function observationText(seen: Observation): string | undefined {
  switch (seen.kind) {
    case 'opened':
    case 'phase':
    case 'step':
      return undefined;
    case 'command':
      return `-> ${seen.oob ? 'exec-oob ' : ''}${seen.name} ${cut(JSON.stringify(seen.args))}`;
    case 'raw-sent':
      return `-> ${cut(seen.text === undefined ? `base64 ${seen.base64}` : JSON.stringify(seen.text))}`;
    case 'greeting':
      return '<- greeting';
    case 'reply':
      return seen.error
        ? `<- ${seen.error.class}: ${seen.error.desc}`
        : `<- return ${cut(JSON.stringify(seen.return))}`;
    case 'event':
      return `<- ${seen.name === 'JOB_STATUS_CHANGE' ? `${seen.data.id} ${seen.data.status}` : `${seen.name} ${cut(JSON.stringify(seen.data))}`}`;
    case 'foreign':
      return `<- ${seen.what}: ${cut(seen.text)}`;
    case 'guest-begin':
      return `guest ${seen.request}: ${seen.disk} ${guestOp(seen.op)}`;
    case 'guest-end':
      return `guest ${seen.request}: ${seen.result}${seen.text ? ` ${cut(seen.text)}` : ''}`;
    case 'fault':
      return `fault ${seen.outcome}${seen.text ? `: ${seen.text}` : ''}`;
    case 'served':
      return `${seen.disk} is served as ${seen.url}`;
    case 'restarted':
      return 'QEMU is started again, on the images as they are';
    case 'await':
      return `${seen.outcome} after ${(seen.waitedUs / 1000).toFixed(1)} ms`;
    case 'expired':
      return `no end of ${seen.what} in ${Math.round(seen.deadlineMs)} ms`;
    case 'leftover':
      return `left behind: ${seen.what} ${seen.names.join(', ')}`;
    case 'process':
      return undefined;
    case 'repeated':
      return `and ${seen.times} times more`;
    case 'disconnect':
      return 'the monitor is closed';
    case 'stderr':
      return `stderr: ${cut(seen.text.trim())}`;
    case 'exit':
      return `QEMU ended: ${seen.signal ?? `exit code ${seen.code}`}${seen.asked ? '' : ' (unasked)'}`;
    case 'image':
      return `images: ${seen.outcome}${seen.text ? `, ${seen.text}` : ''}`;
    case 'space':
      return `${seen.image} occupies ${seen.occupiedBytes} bytes${seen.backing ? `, backing file ${seen.backing.file} (${seen.backing.format ?? 'no format'})` : ''}`;
    case 'bitmap':
      return `bitmap ${seen.bitmap} of ${seen.node}: ${dirtyText(seen.dirty)}`;
    case 'stored-bitmaps':
      return `${seen.image} has ${seen.bitmaps.length === 0 ? 'no bitmap' : cut(seen.bitmaps.map(({ bitmap, inUse, dirty }) => `bitmap ${bitmap}${inUse ? ' (in use)' : ''}: ${dirtyText(dirty)}`).join('; '))}`;
    case 'past':
      return `${seen.node} shows ${seen.text === undefined ? cut(seen.runs.map(([at, length, origin]) => `${at}+${length} ${origin}`).join(', ')) : `nothing: ${seen.text}`}`;
    case 'content':
      return `${seen.image} holds ${cut(seen.runs.map(([at, length, origin]) => `${at}+${length} ${origin}`).join(', '))}`;
    case 'boot':
      return seen.outcome === 'read'
        ? `a guest boots from ${seen.image} in ${Math.round(seen.bootUs / 1000)} ms, and reads ${seen.guest === seen.host ? 'what is there' : 'something else'}`
        : `no guest boots from ${seen.image}: ${seen.text}`;
    case 'points':
      return undefined;
    case 'closed':
      return seen.pristine ? undefined : 'the session is not pristine';
  }
}

function guestOp(op: GuestOp): string {
  return op.op === 'flush' ? 'flush' : `${op.op} ${op.lengthBytes} at ${op.offsetBytes}`;
}

const dirtyText = (dirty: readonly [offsetBytes: number, lengthBytes: number][]): string =>
  dirty.length === 0 ? 'clean' : `dirty ${cut(dirty.map(([at, length]) => `${at}+${length}`).join(', '))}`;

const cut = (text: string): string => (text.length > 140 ? `${text.slice(0, 137)}...` : text);
