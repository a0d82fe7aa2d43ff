/** Stand before a verdict, which its words say, too. */
export const verdictMarks = { fail: '✗', pass: '✓', unknown: '?' } as const;
