import type { FormatMap, FormatSpec, MadeImage, ReadPart } from './image-format.ts';
import { withZeroes } from './image-format.ts';
import { luksHeader, openLuks } from './luks-header.ts';

/** A LUKS image: the header, then the whole disk encrypted, zeroes too: what was never written would read as noise. */
export function luksImage(spec: FormatSpec): MadeImage {
  const { bytes: header, payloadBytes, cipher } = luksHeader();
  return {
    lengthBytes: payloadBytes + spec.sizeBytes,
    *parts() {
      yield { offsetBytes: 0, bytes: header };
      for (let at = 0; at < spec.sizeBytes; at += pieceBytes) {
        const bytes = withZeroes(spec, at, Math.min(pieceBytes, spec.sizeBytes - at));
        cipher.encrypt(bytes, at / 512);
        yield { offsetBytes: payloadBytes + at, bytes };
      }
    },
  };
}

/** undefined: no LUKS image, or none that the arena's key opens. */
export function mapLuks(read: ReadPart, fileBytes: number): FormatMap | undefined {
  const luks = openLuks(read);
  if (!luks) return undefined;
  const { payloadBytes, cipher } = luks;
  const sizeBytes = Math.floor(Math.max(0, fileBytes - payloadBytes) / 512) * 512;
  const whole = { startBytes: 0, lengthBytes: sizeBytes, offsetBytes: payloadBytes };
  return {
    sizeBytes,
    own: sizeBytes === 0 ? [] : [whole],
    sealed: { cipher, firstByteAt: payloadBytes },
  };
}

const pieceBytes = 65_536;
