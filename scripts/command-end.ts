/** What went wrong, for whoever typed the command: no stack, and each value that was not taken. An AppError is known by its shape: its module may only be loaded after the settings. */
export function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { invalidParams = [] } = error as { invalidParams?: readonly { name: string; reason: string }[] };
  return [error.message, ...invalidParams.map(({ name, reason }) => `  ${name} ${reason}`)].join("\n");
}

/** Does a program's work, ends the process with its code and leaves no connection open, which would keep the process alive. */
export async function endWith(work: () => Promise<number>): Promise<void> {
  try {
    const code = await work();
    if (code !== 0) process.exitCode = code;
  } catch (error) {
    console.error(wordsOf(error));
    process.exitCode = 1;
  } finally {
    // When the settings are there: lib/ reads them once.
    const { closeDatabase } = await import("@/lib/platform/db");
    await closeDatabase();
  }
}
