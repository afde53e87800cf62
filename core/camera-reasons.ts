import type { Bilingual } from './text.ts';

/** Why a camera gives no (good) picture: the words for `Camera.stateReason` and for a player's closed socket. */
export const CAMERA_REASONS = {
  auth_failed: { vi: 'Camera từ chối tên hoặc mật khẩu', en: 'The camera refuses the name or password' },
  unreachable: { vi: 'Không kết nối được', en: 'Cannot be reached' },
  timeout: { vi: 'Camera không trả lời kịp', en: 'The camera does not answer in time' },
  no_frames: { vi: 'Camera không gửi hình', en: 'The camera sends no pictures' },
  not_found: { vi: 'Camera không có luồng hình này', en: 'The camera has no such stream' },
  unsupported: { vi: 'Luồng hình không hỗ trợ', en: 'The stream is not supported' },
  address_refused: { vi: 'Địa chỉ ngoài mạng cho phép', en: 'Address outside the allowed networks' },
  redirect_refused: { vi: 'Camera chuyển hướng sang nơi khác', en: 'The camera redirects elsewhere' },
  too_much_data: { vi: 'Camera gửi quá nhiều dữ liệu', en: 'The camera sends too much data' },
  invalid_source: { vi: 'Khai báo nguồn hình sai', en: 'The source is not valid' },
  crashed: { vi: 'Không giải mã được hình', en: 'The picture could not be processed' },
  busy: { vi: 'Máy chủ video đang quá tải', en: 'The video server is busy' },
  media_server: { vi: 'Máy chủ video đang khởi động lại', en: 'The video server is restarting' },
  media_off: { vi: 'Chưa có FFmpeg', en: 'FFmpeg is missing' },
  flapping: { vi: 'Kết nối chập chờn', en: 'The connection comes and goes' },
} as const satisfies Record<string, Bilingual>;

export type CameraReason = keyof typeof CAMERA_REASONS;
