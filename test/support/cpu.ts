/** Processor time of some synchronous work, milliseconds: what it costs, however busy the machine is with others. */
export function cpuMsOf(work: () => unknown): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}
