import type { Socket } from 'node:net';
import type pg from 'pg';
import type { SqlQuery } from '../../core/ports.ts';

/** A statement that brings COPY data along. */
interface CopyStep {
  text: string;
  data: Buffer;
}
export type ScriptStep = string | SqlQuery | CopyStep;

export interface ScriptResult {
  /** Every field as PostgreSQL writes it. */
  rows: (string | null)[][];
  /** How many rows the database says it wrote or read. */
  count: number;
}

/**
 * Several statements in one simple query, the data of their COPYs sent behind it without waiting for the server to
 * ask: a whole batch costs one round trip, so the server never idles while this process is busy with other things.
 * After an error the server skips the rest of the statements and ignores the data that belonged to them
 * (documentation of the message flow, "COPY Operations"). Resolves to the result of each step.
 */
export function runScript(
  client: Pick<pg.PoolClient, 'query'>,
  steps: readonly ScriptStep[],
): Promise<ScriptResult[]> {
  return new Promise((resolve, reject) => {
    client.query(new Script(steps, resolve, reject));
  });
}

const COPY_DATA = 0x64;
const COPY_DONE = Buffer.from([0x63, 0, 0, 0, 4]);
/** A message's length counts itself. */
const LENGTH_BYTES = 4;

/** What the driver calls on the query that is being answered. */
class Script implements pg.Submittable {
  readonly #steps: readonly ScriptStep[];
  readonly #resolve: (results: ScriptResult[]) => void;
  readonly #reject: (error: Error) => void;
  readonly #results: ScriptResult[] = [];
  #rows: ScriptResult['rows'] = [];
  #failed = false;

  constructor(
    steps: readonly ScriptStep[],
    resolve: (results: ScriptResult[]) => void,
    reject: (error: Error) => void,
  ) {
    this.#steps = steps;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  /** The driver hangs its own timeout onto this. */
  callback(): void {}

  submit(connection: pg.Connection): void {
    const stream = connection.stream as Socket;
    stream.cork();
    connection.query(this.#steps.map(textOf).join(';\n'));
    for (const step of this.#steps) {
      if (!isCopy(step)) continue;
      const head = Buffer.allocUnsafe(1 + LENGTH_BYTES);
      head.writeUInt8(COPY_DATA, 0);
      head.writeUInt32BE(step.data.length + LENGTH_BYTES, 1);
      stream.write(head);
      stream.write(step.data);
      stream.write(COPY_DONE);
    }
    stream.uncork();
  }

  handleRowDescription(): void {}

  handleDataRow(message: { fields: (string | null)[] }): void {
    this.#rows.push(message.fields);
  }

  handleCommandComplete(message: { text: string }): void {
    const count = Number(/\d+$/.exec(message.text)?.[0] ?? 0);
    this.#results.push({ rows: this.#rows, count });
    this.#rows = [];
  }

  handleCopyInResponse(): void {}

  handleError(error: Error): void {
    this.callback();
    this.#failed = true;
    this.#reject(error);
  }

  handleReadyForQuery(): void {
    this.callback();
    if (!this.#failed) this.#resolve(this.#results);
  }
}

function isCopy(step: ScriptStep): step is CopyStep {
  return typeof step !== 'string' && 'data' in step;
}

function textOf(step: ScriptStep): string {
  if (typeof step === 'string' || isCopy(step)) return typeof step === 'string' ? step : step.text;
  return inlined(step);
}

/** A statement whose parameters are arrays of numbers and texts, with those written into it. */
function inlined({ text, values }: SqlQuery): string {
  return text.replace(/\$(\d+)/g, (_, number: string) => arrayLiteral(values[Number(number) - 1]));
}

function arrayLiteral(value: unknown): string {
  if (!Array.isArray(value)) throw new Error('only arrays are written into a script');
  const elements = value.map((element: unknown) => {
    if (element === null) return 'NULL';
    if (typeof element === 'number') return String(element);
    if (typeof element !== 'string') throw new Error(`no ${typeof element} is written into a script`);
    return `"${element.replace(/[\\"]/g, '\\$&')}"`;
  });
  // No backslash has a meaning in such a literal (standard_conforming_strings is on since PostgreSQL 9.1).
  return `'{${elements.join(',').replaceAll("'", "''")}}'`;
}
