/**
 * Two sums over the first `lengthBytes` of a disk, as the guest makes them (guest/boot-sector.asm, command c): that of
 * its 32-bit words, and that of the first sum after each word.
 */
export type WordSums = {
  /** Whole sectors, one piece behind the other. */
  push(bytes: Buffer): void;
  pushZeroes(lengthBytes: number): void;
  /** Both, little endian, in hexadecimal. */
  end(): string;
};

export function openWordSums(lengthBytes: number): WordSums {
  let left = lengthBytes;
  let sum = 0;
  let sumOfSums = 0;
  return {
    push(bytes) {
      const end = Math.min(bytes.length, left);
      for (let at = 0; at < end; at += 4) {
        sum = (sum + bytes.readInt32LE(at)) | 0;
        sumOfSums = (sumOfSums + sum) | 0;
      }
      left -= end;
    },
    pushZeroes(zeroes) {
      const length = Math.min(zeroes, left);
      sumOfSums = (sumOfSums + Math.imul(sum, length / 4)) | 0;
      left -= length;
    },
    end() {
      const both = Buffer.alloc(8);
      both.writeInt32LE(sum);
      both.writeInt32LE(sumOfSums, 4);
      return both.toString('hex');
    },
  };
}
