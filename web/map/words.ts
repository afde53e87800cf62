/** The few words that the map itself says, in both languages. */

import type { Alert } from '../../core/api/alerts.ts';
import type { Camera } from '../../core/api/cameras.ts';
import type { Device } from '../../core/api/devices.ts';
import type { Unit } from '../../core/api/dispatch.ts';
import type { Bilingual } from '../../core/text.ts';
import type { Language } from '../state/index.ts';

const DEVICE: Record<Device['state'], Bilingual> = {
  online: { vi: 'đang đo', en: 'measuring' },
  late: { vi: 'trễ', en: 'late' },
  offline: { vi: 'mất tín hiệu', en: 'silent' },
  never: { vi: 'chưa gửi lần nào', en: 'never heard' },
  disabled: { vi: 'đã tắt', en: 'switched off' },
};
const CAMERA: Record<Camera['state'], Bilingual> = {
  unknown: { vi: 'chưa rõ', en: 'unknown' },
  online: { vi: 'có hình', en: 'picture' },
  degraded: { vi: 'hình kém', en: 'poor picture' },
  offline: { vi: 'mất hình', en: 'no picture' },
  auth_failed: { vi: 'sai mật khẩu camera', en: 'camera refuses the password' },
  disabled: { vi: 'đã tắt', en: 'switched off' },
};
const UNIT: Record<Unit['status'], Bilingual> = {
  available: { vi: 'rảnh', en: 'free' },
  assigned: { vi: 'đã giao việc', en: 'assigned' },
  en_route: { vi: 'đang đến', en: 'on its way' },
  on_scene: { vi: 'tại hiện trường', en: 'on scene' },
  out_of_service: { vi: 'nghỉ', en: 'out of service' },
};
const ALERT: Record<Alert['state'], Bilingual> = {
  unacknowledged: { vi: 'chưa xác nhận', en: 'not acknowledged' },
  acknowledged: { vi: 'đã xác nhận', en: 'acknowledged' },
  returned_unacknowledged: { vi: 'đã trở lại, chưa xác nhận', en: 'returned, not acknowledged' },
  closed: { vi: 'đã đóng', en: 'closed' },
};

export const stateWord = (state: Device['state'], language: Language) => DEVICE[state][language];
export const cameraWord = (state: Camera['state'], language: Language) => CAMERA[state][language];
export const unitWord = (status: Unit['status'], language: Language) => UNIT[status][language];
export const alertWord = (state: Alert['state'], language: Language) => ALERT[state][language];

export const WORDS = {
  map: {
    vi: 'Bản đồ. Phím mũi tên để di chuyển, + và − để phóng. Danh sách cảnh báo bên phải nêu cùng nội dung.',
    en: 'Map. Arrow keys move, + and − zoom. The alarm list on the right says the same in words.',
  },
  zoomIn: { vi: 'Phóng to', en: 'Zoom in' },
  zoomOut: { vi: 'Thu nhỏ', en: 'Zoom out' },
  province: { vi: 'Toàn tỉnh', en: 'Whole province' },
  measure: { vi: 'Đo khoảng cách', en: 'Measure a distance' },
  locate: { vi: 'Về đối tượng đang chọn', en: 'Go to what is selected' },
  fullscreen: { vi: 'Toàn màn hình', en: 'Full screen' },
  leaveFullscreen: { vi: 'Thoát toàn màn hình', en: 'Leave full screen' },
  measureHint: {
    vi: 'Bấm các điểm, bấm đúp để kết thúc, Esc để bỏ',
    en: 'Click points, double-click to end, Esc to drop',
  },
  sensors: { vi: 'cảm biến', en: 'sensors' },
  inAlarm: { vi: 'đang có cảnh báo', en: 'in alarm' },
  stale: { vi: 'vị trí cũ', en: 'old position' },
  crew: { vi: 'người', en: 'crew' },
  partial: { vi: 'Thiếu một phần bản đồ nền', en: 'Part of the base map is missing' },
} as const satisfies Record<string, Bilingual>;

export const word = (key: keyof typeof WORDS, language: Language): string => WORDS[key][language];
