/** One line of an issue tracker's list. */
export const titleCharsMax = 100;
