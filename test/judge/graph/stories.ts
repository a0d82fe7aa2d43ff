/** A node, and QEMU's word that it is there: `node('null-co src size=1048576')`. */
export function node(words: string): string {
  const [driver, name, ...rest] = words.split(' ');
  return `\n> blockdev-add driver=${driver} node-name=${name} ${rest.join(' ')}\n< ok`;
}

const mib = 1_048_576;

/** src and dst, null nodes of the same size that nothing uses. */
export const pair = node(`null-co src size=${mib}`) + node(`null-co dst size=${mib}`);

/** base <- mid <- top, as blockdev-add is told. */
export const chain =
  node('null-co base-file') +
  node('null-co mid-file') +
  node('null-co top-file') +
  node('qcow2 base file=base-file backing=null') +
  node('qcow2 mid file=mid-file backing=base') +
  node('qcow2 top file=top-file backing=mid');

export const server = `
  > nbd-server-start addr={"type":"unix","data":{"path":"s"}}
  < ok`;

export const exported = (id: string, on: string): string => `
  > block-export-add id=${id} type=nbd node-name=${on} name=${id}
  < ok`;

/** A job that runs, slowly. */
export const running = (id: string, start: string): string => `
  > ${start} job-id=${id} speed=1
  ! ${id} created running
  < ok`;

export const mirror = 'blockdev-mirror device=src target=dst sync=full';
export const backup = 'blockdev-backup device=src target=dst sync=full';

export const completes = (id: string): string => `
  ! ${id} waiting pending
  ! COMPLETED ${id} 1/1
  ! ${id} concluded null`;

export const no = '\n< GenericError: no';
export const yes = '\n< ok';
