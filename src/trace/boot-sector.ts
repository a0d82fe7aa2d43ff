import { sectorBytes } from './content-bytes.ts';

/**
 * The guest that boots: what `nasm -f bin guest/boot-sector.asm` makes, which says what the guest does. It lies in the
 * first sector of disks that are `bootable`.
 */
export const bootSector = Buffer.alloc(sectorBytes);

const code = `
  fa31c08ed88ec08ed0bc007cfbfcbafa03b0c7eeb021e81a01bf007eb92200e82401aae2faa0007e3c7774113c73740d
  3c72743d3c637477b401e9d4002c733c016619ed66f7ddb800108ec031ff8b16047ebb2000be127eb90800f3a54b75f5
  66012e1a7e4a75ea8ec2b443e89800eba8b442e891008b16047eb800108ed88ec031db89de8d7f10b9f800f3a789deb9
  1000b03d7405b90002b023e89500e88b0081c300024a75db8eda8ec2e96affb442e86c00725b668b1e537d668b2e577d
  8b0e047ec1e107b800108ed831f666ad6601c36601dde2f68ed966891e537d66892e577d660fb706047e6601060a7e66
  ff0e127e75b9b02be83800be537db90800e82800e912ffe816007204b02beb235988e3b02de81b0088d8e81600e9f9fe
  30c08a16017ebe027ecd13c3ace80300e2fac35288c4bafd03eca82074fbbaf80388e0ee5ac3bafd03eca80174fbbaf8
  03ecc3`;
bootSector.write(code.replaceAll(/\s/g, ''), 'hex');
/** What the BIOS knows a boot sector by. */
bootSector.writeUInt16BE(0x55aa, sectorBytes - 2);
