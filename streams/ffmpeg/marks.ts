import { readFileSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Marks of running children, so that the next start finds those that outlived a `kill -9`.
 * A process id alone says nothing after a reboot or a wrap-around: the start time goes with it.
 */
interface Mark {
  pid: number;
  startedAt: string;
  owner: { pid: number; startedAt: string };
}

/** Kernel start time of a process in clock ticks since boot; undefined when it does not run (or no Linux). */
function startTimeOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The second field is the name in brackets and may hold anything; field 22 counts from after it.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? undefined : fields[19];
  } catch {
    return undefined;
  }
}

const fileOf = (runDir: string, pid: number) => join(runDir, `child-${pid}.json`);

/** Writes the mark of a child that leads its own process group. */
export async function markChild(runDir: string, pid: number): Promise<void> {
  const startedAt = startTimeOf(pid);
  if (startedAt === undefined) return;
  const mark: Mark = {
    pid,
    startedAt,
    owner: { pid: process.pid, startedAt: startTimeOf(process.pid) ?? '' },
  };
  await mkdir(runDir, { recursive: true, mode: 0o700 });
  await writeFile(fileOf(runDir, pid), JSON.stringify(mark), { mode: 0o600 });
}

export async function unmarkChild(runDir: string, pid: number): Promise<void> {
  await rm(fileOf(runDir, pid), { force: true });
}

/** Kills the process groups whose owner is gone; returns how many. Other owners' children are left alone. */
export async function reapOrphans(runDir: string): Promise<number> {
  let reaped = 0;
  const names = await readdir(runDir).catch(() => []);
  for (const name of names) {
    if (!/^child-\d+\.json$/.test(name)) continue;
    const path = join(runDir, name);
    const mark = await readMark(path);
    if (mark && startTimeOf(mark.owner.pid) === mark.owner.startedAt) continue;
    if (mark && startTimeOf(mark.pid) === mark.startedAt) {
      killGroup(mark.pid);
      reaped++;
    }
    await rm(path, { force: true });
  }
  return reaped;
}

async function readMark(path: string): Promise<Mark | undefined> {
  try {
    const mark: unknown = JSON.parse(await readFile(path, 'utf8'));
    if (typeof mark !== 'object' || mark === null) return undefined;
    const { pid, startedAt, owner } = mark as Partial<Mark>;
    if (!Number.isInteger(pid) || (pid ?? 0) <= 1 || typeof startedAt !== 'string') return undefined;
    return Number.isInteger(owner?.pid) ? (mark as Mark) : undefined;
  } catch {
    // Half-written at the moment of the crash: the child was just starting and has lost its pipes.
    return undefined;
  }
}

/** Kills a child with everything it started. A group that is already gone is no error. */
export function killGroup(pid: number, signal: NodeJS.Signals = 'SIGKILL'): void {
  // Group 0 is our own, and group 1 is everybody.
  if (pid <= 1) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // ESRCH: gone.
  }
}
