import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '../../core/errors.ts';

/**
 * One process owns a data directory: two on one embedded database would destroy it.
 * The lock is a file with the owner's pid and start time, so that a lock left by a killed process, or a pid that was
 * given to another program since, does not count. Returns the release.
 */
export function lockDataDir(dataDir: string): () => void {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const file = join(dataDir, 'haidang.lock');
  const mine = `${process.pid} ${startTime(process.pid)}`;
  for (let attempt = 0; attempt < 2; attempt++) {
    try {
      writeFileSync(file, mine, { flag: 'wx', mode: 0o600 });
      return () => {
        if (read(file) === mine) rmSync(file, { force: true });
      };
    } catch (error) {
      if (!(error instanceof Error) || !('code' in error) || error.code !== 'EEXIST') throw error;
      const [pid = '', started = ''] = (read(file) ?? '').split(' ');
      if (pid !== '' && startTime(Number(pid)) === started) {
        throw new AppError('config.invalid', { detail: `${dataDir} is in use by process ${pid}` });
      }
      rmSync(file, { force: true });
    }
  }
  throw new AppError('config.invalid', { detail: `${dataDir} cannot be locked` });
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

/** Start time of a process in clock ticks since boot (field 22 of /proc/<pid>/stat); undefined when it is not there. */
function startTime(pid: number): string | undefined {
  const stat = read(`/proc/${pid}/stat`);
  // The program's name, in parentheses, may hold spaces.
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
}
