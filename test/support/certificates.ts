import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Pair {
  cert: string;
  key: string;
}

/** Certificate authorities of a test, made with openssl in a folder of their own. */
export function certificateWorkshop() {
  const dir = mkdtempSync(join(tmpdir(), 'haidang-certs-'));
  let serial = 0;
  const openssl = (...args: string[]) => execFileSync('openssl', args, { stdio: 'ignore', cwd: dir });
  return {
    authority(name: string): Pair {
      const [cert, key] = [join(dir, `${name}.pem`), join(dir, `${name}.key`)];
      const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256'];
      openssl(
        'req',
        '-x509',
        ...curve,
        '-nodes',
        '-days',
        '30',
        '-subj',
        `/CN=${name}`,
        '-keyout',
        key,
        '-out',
        cert,
      );
      return { cert, key };
    },
    /** `days: -1` = expired yesterday. */
    sign(authority: Pair, subject: string, more: { days?: number; altNames?: string } = {}): Pair {
      const name = `leaf-${serial++}`;
      const [cert, key, request, extensions] = ['pem', 'key', 'csr', 'ext'].map((end) =>
        join(dir, `${name}.${end}`),
      );
      const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256'];
      openssl('req', ...curve, '-nodes', '-subj', subject, '-keyout', key ?? '', '-out', request ?? '');
      writeFileSync(
        extensions ?? '',
        more.altNames ? `subjectAltName=${more.altNames}\n` : 'basicConstraints=CA:FALSE\n',
      );
      const period = ['-days', String(more.days ?? 30)];
      const sign = ['x509', '-req', '-in', request ?? '', '-CA', authority.cert, '-CAkey', authority.key];
      openssl(...sign, '-CAcreateserial', '-extfile', extensions ?? '', ...period, '-out', cert ?? '');
      return { cert: cert ?? '', key: key ?? '' };
    },
    remove: () => rmSync(dir, { recursive: true, force: true }),
  };
}
