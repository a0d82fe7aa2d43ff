/** Which signatures of a QEMU version this worker, or another, has reported; and which of them are being confirmed. */
export type SignaturesKnown = {
  note(version: string, signatures: readonly string[]): void;
  suspect(version: string, signatures: readonly string[]): void;
  confirmed(version: string, signatures: readonly string[]): void;
  state(version: string, signature: string): 'new' | 'reported' | 'suspected';
};

export function openSignaturesKnown(): SignaturesKnown {
  const reported = new Set<string>();
  const suspected = new Set<string>();
  const keys = (version: string, signatures: readonly string[]): string[] =>
    signatures.map((signature) => `${version} ${signature}`);
  return {
    note(version, signatures) {
      for (const key of keys(version, signatures)) reported.add(key);
    },
    suspect(version, signatures) {
      for (const key of keys(version, signatures)) suspected.add(key);
    },
    confirmed(version, signatures) {
      for (const key of keys(version, signatures)) suspected.delete(key);
    },
    state(version, signature) {
      const key = `${version} ${signature}`;
      return suspected.has(key) ? 'suspected' : reported.has(key) ? 'reported' : 'new';
    },
  };
}
