/** The byte that a request's own content becomes here. */
export const guestByte = (request: number): number => 1 + (request % 0xa0);
