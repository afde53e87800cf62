/** The few words that the map itself says; those it shares with the console are the console's. */
import type { Bilingual } from '../../core/text.ts';
import en from '../i18n/en.json';
import vi from '../i18n/vi.json';
import type { Language } from '../state/index.ts';

/** A text of the console without parameters. The canvas is drawn outside React, and before i18next is ready. */
export function text(key: keyof typeof vi & keyof typeof en, language: Language): string {
  return (language === 'vi' ? vi : en)[key];
}

const WORDS = {
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
  partial: { vi: 'Thiếu một phần bản đồ nền', en: 'Part of the base map is missing' },
} as const satisfies Record<string, Bilingual>;

export const word = (key: keyof typeof WORDS, language: Language): string => WORDS[key][language];
