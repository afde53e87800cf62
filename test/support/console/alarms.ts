import type { Alert } from '../../../core/api/alerts.ts';
import type { Severity } from '../../../core/api/common.ts';

export interface AlarmSpec {
  title: string;
  severity: Severity;
  domain: string;
  deviceId: string;
  quantity?: string;
  value?: number;
  limit?: number;
  minutesAgo: number;
  vi: string;
  en: string;
  state?: Alert['state'];
  camera?: string;
}

/** The alarms of the invented morning. */
export const ALARMS: readonly AlarmSpec[] = [
  {
    title: 'Tốc độ dòng xe tụt sâu, cầu Trung Tâm',
    severity: 'critical',
    domain: 'traffic',
    deviceId: 'traffic-counter-01',
    quantity: 'traffic_speed',
    value: 4,
    limit: 12,
    minutesAgo: 2,
    vi: 'Tốc độ dòng xe = 4 km/h < 12 km/h trong 1 phút 30 giây (từ 08:10 đến 08:12)',
    en: 'Traffic speed = 4 km/h < 12 km/h for 1 minute 30 seconds (08:10 to 08:12)',
    camera: 'cam-07',
  },
  {
    title: 'PM2,5 vượt ngưỡng 3 giờ',
    severity: 'critical',
    domain: 'environment',
    deviceId: 'air-quality-02',
    quantity: 'pm25',
    value: 168.2,
    limit: 150,
    minutesAgo: 9,
    vi: 'PM2,5 = 168,2 µg/m³ > 150 trong 3 giờ (từ 05:05 đến 08:05)',
    en: 'PM2.5 = 168.2 µg/m³ > 150 for 3 hours (05:05 to 08:05)',
    camera: 'cam-05',
  },
  {
    title: 'Độ mặn tăng nhanh',
    severity: 'major',
    domain: 'environment',
    deviceId: 'salinity-04',
    quantity: 'salinity',
    value: 4.1,
    limit: 4,
    minutesAgo: 21,
    vi: 'Độ mặn = 4,1 ‰ > 4 trong 15 phút (từ 07:38 đến 07:53)',
    en: 'Salinity = 4.1 ‰ > 4 for 15 minutes (07:38 to 07:53)',
    camera: 'cam-03',
  },
  {
    title: 'Mực nước trên báo động 2',
    severity: 'major',
    domain: 'environment',
    deviceId: 'water-level-03',
    quantity: 'water_level',
    value: 2.31,
    limit: 2.2,
    minutesAgo: 44,
    vi: 'Mực nước = 2,31 m > 2,2 trong 20 phút (từ 07:10 đến 07:30)',
    en: 'Water level = 2.31 m > 2.2 for 20 minutes (07:10 to 07:30)',
  },
  {
    title: 'Ùn tắc kéo dài, vòng xoay An Thạnh',
    severity: 'major',
    domain: 'traffic',
    deviceId: 'traffic-counter-05',
    quantity: 'traffic_speed',
    value: 9,
    limit: 15,
    minutesAgo: 34,
    vi: 'Tốc độ dòng xe = 9 km/h < 15 trong 20 phút (từ 07:20 đến 07:40)',
    en: 'Traffic speed = 9 km/h < 15 for 20 minutes (07:20 to 07:40)',
    state: 'acknowledged',
    camera: 'cam-01',
  },
  {
    title: 'Mất dữ liệu trạm ĐX-04',
    severity: 'minor',
    domain: 'traffic',
    deviceId: 'traffic-counter-04',
    minutesAgo: 88,
    vi: 'ĐX-04 không có dữ liệu trong 15 phút (lần cuối lúc 06:31)',
    en: 'ĐX-04: no data for 15 minutes (last at 06:31)',
    state: 'returned_unacknowledged',
  },
  {
    title: 'PM10 tăng trong giờ cao điểm',
    severity: 'minor',
    domain: 'environment',
    deviceId: 'air-quality-07',
    quantity: 'pm10',
    value: 121,
    limit: 100,
    minutesAgo: 130,
    vi: 'PM10 = 121 µg/m³ > 100 trong 1 giờ (từ 05:04 đến 06:04)',
    en: 'PM10 = 121 µg/m³ > 100 for 1 hour (05:04 to 06:04)',
  },
  {
    title: 'Gió giật trên 12 m/s',
    severity: 'info',
    domain: 'environment',
    deviceId: 'weather-03',
    quantity: 'wind_speed',
    value: 12.6,
    limit: 12,
    minutesAgo: 190,
    vi: 'Tốc độ gió = 12,6 m/s > 12 lúc 05:04',
    en: 'Wind speed = 12.6 m/s > 12 at 05:04',
    state: 'acknowledged',
  },
];
