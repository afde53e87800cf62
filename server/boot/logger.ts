import pino from 'pino';
import type { Logger } from '../../core/ports.ts';

/** A credential inside any URL that reaches a log line, whatever field it sits in. */
const URL_CREDENTIAL = /([a-z][a-z0-9+.-]*:\/\/)[^\s/@"']+@/gi;
const QUERY_SECRET = /([?&](?:ticket|token|sign|password|secret)=)[^&\s"']+/gi;

const redactText = (text: string) => text.replace(URL_CREDENTIAL, '$1***@').replace(QUERY_SECRET, '$1***');

/** JSON lines on standard error; standard output stays for what commands print. */
export function createLogger(level: string): Logger {
  const stream = pino.destination({ fd: 2, sync: false });
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: {
        paths: [
          'password',
          '*.password',
          'token',
          '*.token',
          'secret',
          '*.secret',
          'authorization',
          '*.authorization',
          'cookie',
          '*.cookie',
        ],
        censor: '***',
      },
    },
    { write: (line: string) => stream.write(redactText(line)) },
  );
}
