/** Arguments that are refused together, or one without another. */
export type Conflict = {
  /** Members that are there; where values are listed, each with one of them. */
  given: Readonly<Record<string, readonly string[]>>;
  /** And none of these is. */
  lacks?: readonly string[];
};

/** The first of them that the arguments have. */
export const conflictIn = (
  args: Readonly<Record<string, unknown>>,
  conflicts: readonly Conflict[] = [],
): Conflict | undefined =>
  conflicts.find(
    ({ given, lacks = [] }) =>
      Object.entries(given).every(
        ([member, values]) =>
          args[member] !== undefined && (values.length === 0 || values.includes(`${args[member]}`)),
      ) && lacks.every((member) => args[member] === undefined),
  );
