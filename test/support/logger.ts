import type { Logger } from '../../core/ports.ts';

/** Says nothing; set HAIDANG_TEST_LOG=1 to see everything. */
export function testLogger(): Logger {
  const loud = process.env.HAIDANG_TEST_LOG === '1';
  const write = (level: string) => (fields: object, message: string) => {
    if (loud) console.error(level, message, JSON.stringify(fields));
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
