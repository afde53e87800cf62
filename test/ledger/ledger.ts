import { closeSync, fdatasyncSync, openSync, readFileSync, writeSync } from 'node:fs';

/** One message of one device: its number gives its time and its value. */
export interface Sent {
  device: string;
  n: number;
  timeMs: number;
  value: number;
}

/**
 * What was sent and what was acknowledged, in a file that is on the disk before the first byte leaves: a witness that
 * survives whatever is killed. One line per message, `s device n time value` or `a device n`.
 */
export class Ledger {
  readonly #file: string;
  readonly #fd: number;
  #lines: string[] = [];

  constructor(file: string) {
    this.#file = file;
    this.#fd = openSync(file, 'a');
  }

  /** Notes messages durably; only then may they be sent. */
  sending(messages: readonly Sent[]): void {
    for (const { device, n, timeMs, value } of messages) {
      this.#lines.push(`s ${device} ${n} ${timeMs} ${value}`);
    }
    this.flush();
  }

  /** An acknowledgement; on the disk with the next `sending` or `flush`. */
  acknowledged(device: string, n: number): void {
    this.#lines.push(`a ${device} ${n}`);
  }

  flush(): void {
    if (this.#lines.length === 0) return;
    writeSync(this.#fd, `${this.#lines.join('\n')}\n`);
    this.#lines = [];
    fdatasyncSync(this.#fd);
  }

  close(): void {
    this.flush();
    closeSync(this.#fd);
  }

  /** Reads the file anew: what a stranger would find. */
  read(): LedgerContent {
    this.flush();
    return readLedger(readFileSync(this.#file, 'utf8'));
  }
}

export interface LedgerContent {
  /** By device, in the order they were sent. */
  sent: Map<string, Sent[]>;
  acknowledged: Map<string, Set<number>>;
}

function readLedger(text: string): LedgerContent {
  const content: LedgerContent = { sent: new Map(), acknowledged: new Map() };
  for (const line of text.split('\n')) {
    const [kind, device = '', n, timeMs, value] = line.split(' ');
    if (kind === 's') {
      const sent = { device, n: Number(n), timeMs: Number(timeMs), value: Number(value) };
      const known = content.sent.get(device);
      if (known) known.push(sent);
      else content.sent.set(device, [sent]);
    } else if (kind === 'a') {
      const known = content.acknowledged.get(device);
      if (known) known.add(Number(n));
      else content.acknowledged.set(device, new Set([Number(n)]));
    }
  }
  return content;
}
