import type { RawPiece, RawStep } from '../../sequence/step.ts';
import type { SequenceChange } from '../change.ts';
import { limits } from '../limits.ts';
import type { Pass } from '../pass.ts';

/** Bytes for the monitor: pieces go, texts are halved and lose single characters, repetitions become few. */
export const raw: Pass = {
  name: 'bytes',
  sites: ({ steps }) =>
    steps.flatMap((step, i) => ('raw' in step ? sitesOf(step.raw, ['steps', i, 'raw']) : [])),
};

function sitesOf(raw: RawStep['raw'], path: (string | number)[]): SequenceChange[][] {
  if (!Array.isArray(raw)) return [shorter(raw).map((to) => [{ path, to }])];
  const [only] = raw;
  const unwrapped = raw.length === 1 && only !== undefined ? [[[{ path, to: only }]]] : [];
  return [
    ...unwrapped,
    ...raw.map((piece, i) => [
      [{ path: [...path, i] }],
      ...shorter(piece).map((to) => [{ path: [...path, i], to }]),
    ]),
  ];
}

function shorter(piece: RawPiece): RawPiece[] {
  if (typeof piece === 'string') return shorterText(piece);
  if ('base64' in piece) {
    const bytes = Buffer.from(piece.base64, 'base64');
    const middle = Math.ceil(bytes.length / 2);
    return [bytes.subarray(0, middle), bytes.subarray(middle)].map((half) => ({
      base64: half.toString('base64'),
    }));
  }
  const { repeat, times } = piece;
  return [repeat, ...[1, Math.trunc(times / 2)].map((times) => ({ repeat, times }))];
}

function shorterText(text: string): string[] {
  const chars = [...text];
  const middle = Math.ceil(chars.length / 2);
  const without =
    chars.length > limits.bytesOneByOne ? [] : chars.map((_, i) => chars.toSpliced(i, 1).join(''));
  return [chars.slice(0, middle).join(''), chars.slice(middle).join(''), ...without];
}
