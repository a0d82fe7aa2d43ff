/** undefined when `instead` or the deadline comes first. */
export async function within<T>(
  wanted: Promise<T>,
  instead: Promise<unknown> | undefined,
  deadlineMs: number,
): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), deadlineMs);
  });
  try {
    return await Promise.race([
      wanted,
      late,
      ...(instead !== undefined ? [instead.then(() => undefined)] : []),
    ]);
  } finally {
    clearTimeout(timer);
  }
}
