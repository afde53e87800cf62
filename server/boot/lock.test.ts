import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { lockDataDir } from './lock.ts';

const dir = mkdtempSync(join(tmpdir(), 'haidang-lock-'));
afterAll(() => rmSync(dir, { recursive: true }));

describe('the lock of a data directory', () => {
  it('lets one owner in and refuses the next until the first lets go', () => {
    const release = lockDataDir(dir);
    expect(() => lockDataDir(dir)).toThrow(/in use by process/);
    release();
    lockDataDir(dir)();
  });

  it('does not count a lock whose process is gone', async () => {
    const child = spawn(process.execPath, ['-e', '']);
    const pid = child.pid;
    await new Promise((resolve) => child.on('exit', resolve));
    writeFileSync(join(dir, 'haidang.lock'), `${pid} 12345`);
    lockDataDir(dir)();
  });

  it('does not count a pid that belongs to another program by now', () => {
    writeFileSync(join(dir, 'haidang.lock'), `${process.pid} 1`);
    lockDataDir(dir)();
  });
});
