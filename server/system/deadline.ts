import type { Clock } from '../../core/clock.ts';

/** What `work` resolves to, or a rejection when it takes longer; the work itself is not ended by that. */
export async function within<T>(
  clock: Clock,
  deadlineMs: number,
  work: Promise<T>,
  late: () => Error,
): Promise<T> {
  let cancel = () => {};
  const deadline = new Promise<never>((_, reject) => {
    cancel = clock.after(deadlineMs, () => reject(late()));
  });
  try {
    return await Promise.race([work, deadline]);
  } finally {
    cancel();
  }
}
