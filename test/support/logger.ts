import type { Logger } from '../../core/ports.ts';

/** Says nothing, but into `lines` where they are wanted; set HAIDANG_TEST_LOG=1 to see everything. */
export function testLogger(lines?: string[]): Logger {
  const loud = process.env.HAIDANG_TEST_LOG === '1';
  const write = (level: string) => (fields: object, message: string) => {
    const line = `${level} ${message} ${JSON.stringify(fields)}`;
    lines?.push(line);
    if (loud) console.error(line);
  };
  const logger: Logger = {
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    child: () => logger,
  };
  return logger;
}
