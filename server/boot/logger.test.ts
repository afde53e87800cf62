import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

/** What a process that logs these values writes to its standard error. */
async function written(values: Record<string, unknown>, text: string): Promise<string> {
  const script = `
    import { createLogger } from './server/boot/logger.ts';
    createLogger('info').warn(${JSON.stringify(values)}, ${JSON.stringify(text)});
  `;
  const { stderr } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script]);
  return stderr;
}

describe('the log', () => {
  it('writes one line, whatever is in it', async () => {
    const forged = 'a"}\n{"level":60,"msg":"forged"}\r\n\u2028\u001b[31mred\u0000';
    const text = await written({ name: forged }, `signed in: ${forged}`);
    const lines = text.split('\n').filter((line) => line !== '');
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      level: 40,
      name: forged,
      msg: `signed in: ${forged}`,
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
    });
    // No byte that a terminal would obey.
    expect([...text.trimEnd()].filter((letter) => (letter.codePointAt(0) ?? 0) < 32)).toEqual([]);
  });

  it('writes no credential of an address and no field that is one', async () => {
    const text = await written(
      {
        url: 'rtsp://anna:hunter2@10.0.0.1/live?ticket=abcdef',
        user: { password: 'hunter2' },
        token: 'abcdef',
      },
      'asked https://anna:hunter2@example.vn/?token=abcdef',
    );
    expect(text).not.toMatch(/hunter2|abcdef/);
  });
});
