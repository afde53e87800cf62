import type { ErrorCode } from '../../core/errors.ts';
import type { HealthItem } from '../../core/ports.ts';

/** What a measurement means for the product, in words. */
export type Verdict = Omit<HealthItem, 'sinceMs' | 'component'>;

const SLOW_DATABASE_MS = 1500;
const DISK_LOW = 0.85;
const DISK_FULL = 0.97;
const DAY_MS = 86_400_000;
const CERTIFICATE_WARNING_MS = 7 * DAY_MS;

const fault = (state: 'degraded' | 'down', code: ErrorCode | undefined, vi: string, en: string): Verdict => ({
  state,
  ...(code === undefined ? {} : { code }),
  message: { vi, en },
});
const fine = (vi: string, en: string): Verdict => ({ state: 'ok', message: { vi, en } });

/** `tookMs` undefined = no answer. */
export function databaseVerdict(tookMs: number | undefined): Verdict {
  if (tookMs === undefined)
    return fault(
      'down',
      'db.unavailable',
      'Cơ sở dữ liệu không trả lời: chưa ghi được gì, thiết bị giữ lại số liệu để gửi lại',
      'The database does not answer: nothing is stored, devices keep their readings and send them again',
    );
  if (tookMs > SLOW_DATABASE_MS)
    return fault(
      'degraded',
      undefined,
      `Cơ sở dữ liệu trả lời chậm (${(tookMs / 1000).toFixed(1)} giây)`,
      `The database answers slowly (${(tookMs / 1000).toFixed(1)} s)`,
    );
  return fine('Cơ sở dữ liệu trả lời', 'The database answers');
}

export function clockVerdict(skewMs: number | undefined, steppedMs: number | undefined): Verdict {
  const seconds = (ms: number) => `${ms > 0 ? '+' : '−'}${Math.round(Math.abs(ms) / 1000)}`;
  if (steppedMs !== undefined)
    return fault(
      'degraded',
      undefined,
      `Đồng hồ máy chủ vừa nhảy ${seconds(steppedMs)} giây; kiểm tra đồng bộ thời gian (NTP)`,
      `The server’s clock has just jumped by ${seconds(steppedMs)} s; check its time synchronisation (NTP)`,
    );
  if (skewMs !== undefined)
    return fault(
      'degraded',
      undefined,
      `Đồng hồ cơ sở dữ liệu lệch ${seconds(skewMs)} giây so với máy chủ; kiểm tra đồng bộ thời gian (NTP)`,
      `The database’s clock is ${seconds(skewMs)} s off the server’s; check their time synchronisation (NTP)`,
    );
  return fine('Đồng hồ ổn định', 'The clock is steady');
}

export function diskVerdict(totalBytes: number, freeBytes: number): Verdict {
  const used = totalBytes > 0 ? 1 - freeBytes / totalBytes : 0;
  const percent = Math.floor(used * 100);
  const freeGb = (freeBytes / 1e9).toFixed(1);
  if (used >= DISK_FULL)
    return fault(
      'down',
      'storage.full',
      `Ổ đĩa dữ liệu đã dùng ${percent} %, chỉ còn ${freeGb} GB: sắp không ghi được nữa`,
      `The data disk is ${percent} % full, ${freeGb} GB are left: nothing can be stored soon`,
    );
  if (used >= DISK_LOW)
    return fault(
      'degraded',
      undefined,
      `Ổ đĩa dữ liệu đã dùng ${percent} %, còn ${freeGb} GB`,
      `The data disk is ${percent} % full, ${freeGb} GB are left`,
    );
  return fine('Ổ đĩa dữ liệu còn chỗ', 'The data disk has room');
}

/** `endsMs` undefined = the file could not be read. */
export function certificateVerdict(name: string, endsMs: number | undefined, nowMs: number): Verdict {
  if (endsMs === undefined)
    return fault(
      'degraded',
      undefined,
      `Không đọc được chứng thư ${name}`,
      `The certificate ${name} cannot be read`,
    );
  const days = Math.floor((endsMs - nowMs) / DAY_MS);
  if (endsMs <= nowMs)
    return fault('down', undefined, `Chứng thư ${name} đã hết hạn`, `The certificate ${name} has expired`);
  if (endsMs - nowMs < CERTIFICATE_WARNING_MS)
    return fault(
      'degraded',
      undefined,
      `Chứng thư ${name} hết hạn sau ${days} ngày`,
      `The certificate ${name} expires in ${days} days`,
    );
  return fine(`Chứng thư ${name} còn hạn`, `The certificate ${name} is valid`);
}
