/**
 * Every error the product can answer with: one code, one HTTP status, one title per language.
 * `docs/errors.md` lists the same codes; a test compares the two in both directions.
 */
interface ErrorKind {
  status: number;
  /** Whether the same request may succeed later without being changed. */
  retryable: boolean;
  vi: string;
  en: string;
}

const kind = (status: number, vi: string, en: string, retryable = false): ErrorKind => ({
  status,
  retryable,
  vi,
  en,
});

export const ERRORS = {
  // identity
  'auth.required': kind(401, 'Cần đăng nhập', 'Sign in first'),
  'auth.invalid': kind(401, 'Sai tên hoặc mật khẩu', 'Wrong user name or password'),
  'auth.expired': kind(401, 'Phiên đã hết hạn', 'The session has ended'),
  'auth.reused': kind(401, 'Thẻ làm mới đã dùng; phiên bị đóng', 'Refresh token used twice; session closed'),
  'auth.second_factor': kind(401, 'Cần bước xác thực thứ hai', 'A second factor is needed'),
  'auth.code_invalid': kind(401, 'Mã xác thực sai hoặc đã dùng', 'Wrong or used code'),
  'auth.proof_invalid': kind(403, 'Sai mật khẩu hoặc mã xác thực', 'Wrong password, code or passkey'),
  'auth.locked': kind(403, 'Màn hình đang khóa', 'The session is locked'),
  'auth.incomplete': kind(403, 'Cần hoàn tất đăng nhập', 'Finish signing in first'),
  'auth.step_up': kind(403, 'Cần xác minh lại danh tính', 'Prove again who you are'),
  'auth.provider': kind(
    503,
    'Không liên hệ được nơi đăng nhập',
    'The sign-in provider cannot be reached',
    true,
  ),
  'auth.no_account': kind(403, 'Chưa có tài khoản ở trung tâm này', 'No account in this centre'),
  'auth.forbidden': kind(403, 'Không có quyền', 'Not allowed'),
  'auth.origin': kind(403, 'Nguồn yêu cầu không được phép', 'Request origin not allowed'),
  'auth.too_many': kind(429, 'Thử quá nhiều lần', 'Too many attempts', true),
  // requests
  'request.invalid': kind(400, 'Yêu cầu sai', 'Invalid request'),
  'request.not_found': kind(404, 'Không tìm thấy', 'Not found'),
  'request.method': kind(405, 'Phương thức không được dùng ở địa chỉ này', 'Method not allowed here'),
  'request.conflict': kind(409, 'Xung đột với trạng thái hiện tại', 'Conflicts with the current state'),
  'request.too_large': kind(413, 'Quá lớn', 'Too large'),
  'request.too_many': kind(429, 'Quá nhiều yêu cầu', 'Too many requests', true),
  'request.unsupported': kind(415, 'Kiểu nội dung không hỗ trợ', 'Unsupported content type'),
  // what devices send
  'payload.too_large': kind(413, 'Bản tin quá lớn', 'Message too large'),
  'payload.not_json': kind(422, 'Bản tin không phải JSON', 'Message is not JSON'),
  'payload.schema': kind(422, 'Bản tin sai cấu trúc', 'Message does not fit the schema'),
  'payload.state_secret': kind(
    422,
    'Nội dung mang dấu bí mật nhà nước: không được tiếp nhận, không lưu lại',
    'Marked as a state secret: not accepted, nothing of it is kept',
  ),
  'payload.empty': kind(422, 'Bản tin không có giá trị', 'Message has no values'),
  'topic.forbidden': kind(403, 'Thiết bị không được dùng chủ đề này', 'Topic not allowed for this device'),
  'device.unknown': kind(404, 'Thiết bị chưa đăng ký', 'Unknown device'),
  'device.disabled': kind(403, 'Thiết bị đang tắt', 'Device is disabled'),
  'device.too_many_quantities': kind(
    422,
    'Thiết bị gửi quá nhiều đại lượng',
    'Too many quantities for one device',
  ),
  'value.not_finite': kind(422, 'Giá trị không hữu hạn', 'Value is not a finite number'),
  'value.not_number': kind(422, 'Giá trị không phải số', 'Value is not a number'),
  'value.unsafe_integer': kind(422, 'Số nguyên vượt quá 2^53', 'Integer beyond 2^53'),
  'value.unknown_quantity': kind(422, 'Đại lượng chưa khai báo', 'Unknown quantity'),
  'value.unknown_unit': kind(422, 'Đơn vị không quy đổi được', 'Unit cannot be converted'),
  'value.refused': kind(422, 'Cơ sở dữ liệu không nhận giá trị', 'The database refused the value'),
  'time.invalid': kind(422, 'Thời gian sai', 'Invalid time'),
  'time.future': kind(422, 'Thời gian ở tương lai', 'Time is in the future'),
  'time.too_old': kind(422, 'Thời gian quá cũ', 'Time is too old'),
  'position.out_of_range': kind(422, 'Tọa độ ngoài phạm vi', 'Position out of range'),
  // things of the centre
  'area.invalid_geometry': kind(422, 'Hình học vùng không hợp lệ', 'Invalid area geometry'),
  'alert.illegal_transition': kind(409, 'Không thể chuyển trạng thái cảnh báo', 'Illegal alert transition'),
  'dispatch.unit_busy': kind(409, 'Lực lượng đang bận', 'Unit is already dispatched'),
  'dispatch.illegal_transition': kind(
    409,
    'Không thể chuyển trạng thái điều động',
    'Illegal dispatch transition',
  ),
  'account_request.required': kind(
    409,
    'Việc này phải có văn bản đề nghị',
    'This act needs a written request',
  ),
  'account_request.illegal_step': kind(
    409,
    'Đề nghị không ở bước này',
    'The request does not allow this step now',
  ),
  'account_request.own': kind(
    409,
    'Người đề nghị và chủ tài khoản không tự xử lý đề nghị',
    'Who asked, or whose account it is, may not take this step',
  ),
  'account_request.no_scan': kind(409, 'Chưa có bản chụp văn bản', 'The scan of the document is missing'),
  'account_request.scan_refused': kind(
    422,
    'Tệp không phải bản chụp PDF, PNG, JPEG hoặc WebP',
    'The file is no PDF, PNG, JPEG or WebP scan',
  ),
  'rule.invalid': kind(422, 'Quy tắc sai', 'Invalid rule'),
  'camera.unreachable': kind(503, 'Không kết nối được camera', 'Camera cannot be reached', true),
  'camera.auth_failed': kind(503, 'Camera từ chối mật khẩu', 'Camera refused the credential'),
  'camera.address_refused': kind(422, 'Địa chỉ camera không được phép', 'Camera address not allowed'),
  'camera.media_off': kind(503, 'Chưa có FFmpeg, camera đang tắt', 'FFmpeg is missing, cameras are off'),
  // the platform
  'system.not_ready': kind(503, 'Hệ thống chưa sẵn sàng', 'The system is not ready', true),
  'db.unavailable': kind(503, 'Cơ sở dữ liệu không sẵn sàng', 'Database unavailable', true),
  'storage.full': kind(507, 'Hết chỗ lưu', 'Storage is full', true),
  'config.invalid': kind(500, 'Cấu hình sai', 'Invalid configuration'),
  internal: kind(500, 'Lỗi nội bộ', 'Internal error'),
} as const satisfies Record<string, ErrorKind>;

export type ErrorCode = keyof typeof ERRORS;

export interface AppErrorOptions {
  /** What exactly was wrong, in English, safe to show: never a secret, never a stack. */
  detail?: string;
  /** Machine-readable particulars, for example the offending field. */
  data?: Record<string, unknown>;
  cause?: unknown;
}

/** The only error class that crosses a boundary. The code is also in the message, so it survives bad logs. */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly status: number;
  readonly retryable: boolean;
  readonly detail: string | undefined;
  readonly data: Record<string, unknown> | undefined;

  constructor(code: ErrorCode, options: AppErrorOptions = {}) {
    const known = ERRORS[code];
    super(
      `${options.detail ?? known.en} (${code})`,
      options.cause === undefined ? undefined : { cause: options.cause },
    );
    this.name = 'AppError';
    this.code = code;
    this.status = known.status;
    this.retryable = known.retryable;
    this.detail = options.detail;
    this.data = options.data;
  }
}

/** Narrowing guard; with a code, also asks for that code. */
export function isAppError(error: unknown, code?: ErrorCode): error is AppError {
  return error instanceof AppError && (code === undefined || error.code === code);
}
