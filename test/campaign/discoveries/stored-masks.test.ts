import { expect, test } from 'vitest';
import { storedMasks } from '../../../src/campaign/discoveries/stored-masks.ts';
import { openFindings } from '../../../src/findings/store.ts';

const masks = storedMasks(openFindings('findings'));
const maskOf = (part: string) => masks.find(({ signature }) => signature.includes(part));

test('a crash of the arena being taken apart hides no step', () => {
  // A guest write in an iothread on 7.2: it is the client that leaves afterwards.
  expect(maskOf('nbd_blockdev_client_closed')).toMatchObject({ atEnd: true });
});

test('a crash of a command is none of the end', () => {
  expect(maskOf('bdrv_reopen_multiple')?.atEnd).toBeUndefined();
});

test('versions that were tried in vain are not masked', () => {
  expect(maskOf('nbd_blockdev_client_closed')?.notOn).toEqual(['5.2.0', '10.0.13', '11.1.3']);
  expect(maskOf('SIGSEGV in block-dirty-bitmap-merge')?.notOn).not.toContain('10.0.13');
});
