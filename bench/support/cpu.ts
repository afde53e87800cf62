import { readdirSync, readFileSync } from 'node:fs';

/** Clock ticks are 10 ms on every Linux that this runs on (`getconf CLK_TCK` = 100). */
const TICK_US = 10_000;

/** Processor time of a process and its children so far, microseconds, from /proc; those that ended count no more. */
export function cpuOfTreeUs(rootPid: number): number {
  let sum = 0;
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const stat = statOf(name);
    if (stat && (Number(name) === rootPid || stat.parent === rootPid)) sum += stat.ticks * TICK_US;
  }
  return sum;
}

/** Resident memory of a process, bytes. */
export function residentBytes(pid: number): number {
  const kb = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kb ?? 0) * 1024;
}

function statOf(pid: string): { parent: number; ticks: number } | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name in brackets may hold anything; the fields behind it are numbers.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { parent: Number(fields[1]), ticks: Number(fields[11]) + Number(fields[12]) };
  } catch {
    return undefined;
  }
}
