import i18next from 'i18next';
import { useMemo } from 'react';
import { initReactI18next, useTranslation } from 'react-i18next';
import { CAMERA_REASONS, type CameraReason } from '../../core/camera-reasons.ts';
import { ERRORS, type ErrorCode } from '../../core/errors.ts';
import type { Bilingual } from '../../core/text.ts';
import { type ApiErrorCode, isApiError } from '../state/http.ts';
import { type Language, useConnection, useUi } from '../state/index.ts';
import en from './en.json';
import vi from './vi.json';

/** Keys of the texts, without the endings by which i18next tells one from many. */
type Plural<Key> = Key extends `${infer Base}_${'one' | 'other'}` ? Base : Key;
export type TextKey = Plural<keyof typeof vi>;
type Translate = (key: TextKey, values?: Record<string, string | number>) => string;

export async function startTexts(language: Language): Promise<void> {
  await i18next.use(initReactI18next).init({
    lng: language,
    fallbackLng: false,
    resources: { vi: { translation: vi }, en: { translation: en } },
    keySeparator: false,
    nsSeparator: false,
    // React escapes already.
    interpolation: { escapeValue: false },
    returnNull: false,
  });
  document.documentElement.lang = language;
  useUi.subscribe((state, before) => {
    if (state.language === before.language) return;
    document.documentElement.lang = state.language;
    void i18next.changeLanguage(state.language);
  });
}

export interface Texts {
  t: Translate;
  language: Language;
  /** The wanted part of a text in two languages. */
  pick(text: Bilingual): string;
  /** The wanted name of what the centre's profile names in two languages. */
  nameOf(named: { nameVi: string; nameEn: string }): string;
  timeZone: string;
}

/** Texts, language and the centre's time zone: all that a component needs to speak. */
export function useTexts(): Texts {
  const { t } = useTranslation();
  const language = useUi((state) => state.language);
  const timeZone = useConnection((state) => state.centre?.province.timezone ?? 'Asia/Ho_Chi_Minh');
  return useMemo(
    () => ({
      t: t as Translate,
      language,
      pick: (text) => text[language],
      nameOf: ({ nameVi, nameEn }) => (language === 'vi' ? nameVi : nameEn),
      timeZone,
    }),
    [t, language, timeZone],
  );
}

const NETWORK: Record<Exclude<ApiErrorCode, ErrorCode>, Bilingual> = {
  'network.unreachable': { vi: 'Không kết nối được máy chủ', en: 'The server cannot be reached' },
  'network.timeout': { vi: 'Máy chủ không trả lời kịp', en: 'The server did not answer in time' },
  'answer.unreadable': {
    vi: 'Không đọc được câu trả lời của máy chủ',
    en: 'The server’s answer is unreadable',
  },
};

/** What happened, in the language of the console; the code stands beside it wherever it is shown. */
export function errorText(error: unknown, language: Language): { title: string; code: string } {
  if (!isApiError(error)) return { title: ERRORS.internal[language], code: 'internal' };
  const text = Object.hasOwn(ERRORS, error.code)
    ? ERRORS[error.code as ErrorCode]
    : NETWORK[error.code as keyof typeof NETWORK];
  return { title: text[language], code: error.code };
}

/** Why a camera gives no picture, in words; a reason of another release stands as it is. */
export function cameraReason(reason: string, language: Language): string {
  return Object.hasOwn(CAMERA_REASONS, reason) ? CAMERA_REASONS[reason as CameraReason][language] : reason;
}
