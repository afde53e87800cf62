import type { Light } from '../health-light.ts';
import { messageOf, outageCode, sqlStateOf } from './failures.ts';

/** Shows that the database takes nothing. Whoever next gets something through clears the light. */
export function showOutage(light: Light, error: unknown): void {
  const reason = `${sqlStateOf(error) ?? ''} ${messageOf(error)}`.trim();
  light.fault('down', outageCode(error), {
    vi: `Cơ sở dữ liệu chưa nhận số liệu (${reason}). Số liệu được giữ lại, chưa xác nhận với thiết bị`,
    en: `The database takes no readings (${reason}). They are kept and not acknowledged to the devices`,
  });
}
