/** Cuts what QEMU writes into lines, their ends included; QEMU ends every message with one. */
export function cutLines(take: (line: Buffer) => void): {
  receive(bytes: Buffer): void;
  /** Gives out what is left of an unfinished line. */
  end(rest: (bytes: Buffer) => void): void;
} {
  let held: Buffer[] = [];
  return {
    receive(bytes) {
      let from = 0;
      for (let at = bytes.indexOf(lineFeed); at !== -1; at = bytes.indexOf(lineFeed, from)) {
        const line = Buffer.concat([...held, bytes.subarray(from, at + 1)]);
        held = [];
        from = at + 1;
        take(line);
      }
      if (from < bytes.length) held.push(bytes.subarray(from));
    },
    end(rest) {
      if (held.length > 0) rest(Buffer.concat(held));
      held = [];
    },
  };
}

const lineFeed = 0x0a;
