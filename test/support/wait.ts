type No = undefined | null | false;

/** Polls until `check` gives something true, and fails with `what` after the deadline. For what has no event to wait for. */
export async function until<T>(
  what: string,
  check: () => T | No | Promise<T | No>,
  timeoutMs = 60_000,
): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const result = await check();
    if (result) return result;
    if (performance.now() > deadline) throw new Error(`not seen within ${timeoutMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
