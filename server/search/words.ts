import type { Bilingual } from '../../core/text.ts';

/** What the kinds of places of the map layers are called (config/README.md has the kinds). */
export const PLACE_KINDS: Readonly<Record<string, Bilingual>> = {
  ward: { vi: 'Phường', en: 'Ward' },
  commune: { vi: 'Xã', en: 'Commune' },
  hamlet: { vi: 'Ấp', en: 'Hamlet' },
  sea: { vi: 'Biển', en: 'Sea' },
  bay: { vi: 'Vịnh', en: 'Bay' },
  cape: { vi: 'Mũi đất', en: 'Cape' },
  mouth: { vi: 'Cửa sông', en: 'River mouth' },
  island: { vi: 'Đảo', en: 'Island' },
  lake: { vi: 'Hồ', en: 'Lake' },
  forest: { vi: 'Rừng', en: 'Forest' },
  government: { vi: 'Cơ quan nhà nước', en: 'Government office' },
  hospital: { vi: 'Cơ sở y tế', en: 'Health facility' },
  police: { vi: 'Công an', en: 'Police' },
  fire: { vi: 'Cảnh sát PCCC', en: 'Fire station' },
  port: { vi: 'Cảng', en: 'Port' },
  industrial: { vi: 'Khu công nghiệp', en: 'Industrial park' },
  market: { vi: 'Chợ', en: 'Market' },
  school: { vi: 'Trường học', en: 'School' },
  bus: { vi: 'Bến xe', en: 'Bus station' },
  lighthouse: { vi: 'Hải đăng', en: 'Lighthouse' },
  'border-guard': { vi: 'Biên phòng', en: 'Border guard' },
  bridge: { vi: 'Cầu', en: 'Bridge' },
};

export const CAMERA: Bilingual = { vi: 'Camera', en: 'Camera' };
