import { type ChildProcess, fork } from 'node:child_process';
import { setPriority } from 'node:os';
import { fileURLToPath } from 'node:url';

/**
 * Starts one of our helper processes. Its environment is empty: no database address, no key reaches it.
 * It may read the program's files and nothing may be written (Node's permission model).
 */
export function startHelper(entry: URL, options: { maxHeapMb: number; addons: boolean }): ChildProcess {
  const child = fork(fileURLToPath(entry), [], {
    env: {},
    execArgv: [
      `--max-old-space-size=${options.maxHeapMb}`,
      '--disable-warning=SecurityWarning',
      '--disable-warning=ExperimentalWarning',
      '--permission',
      '--allow-fs-read=*',
      ...(options.addons ? ['--allow-addons'] : []),
    ],
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    detached: true,
  });
  if (child.pid !== undefined) {
    try {
      setPriority(child.pid, 5);
    } catch {
      // Gone already; the exit handler tells.
    }
  }
  return child;
}
