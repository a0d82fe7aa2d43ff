/** The secret object that opens every encrypted image of an arena: its id, and what it holds. */
export const diskKey = { id: 'disk-key', data: 'mirrorfuzz' } as const;
