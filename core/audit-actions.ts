import type { Permission } from './permissions.ts';

/**
 * Every act the audit trail knows: one code, its words in two languages, and what is kept of it. A route that writes
 * names its code here; a test compares the two.
 */
interface ActionKind {
  vi: string;
  en: string;
  /**
   * - `change`: the fields that differ, before and after
   * - `facts`: what was done, in `after` alone
   * - `nothing`: that it happened
   */
  keeps: 'change' | 'facts' | 'nothing';
  /** What it takes: when only a lent grant gives it, the entry names the lender, too. */
  needs?: Permission;
}

const change = (vi: string, en: string, needs?: Permission): ActionKind => kind('change', vi, en, needs);
const facts = (vi: string, en: string, needs?: Permission): ActionKind => kind('facts', vi, en, needs);
const nothing = (vi: string, en: string, needs?: Permission): ActionKind => kind('nothing', vi, en, needs);
const kind = (keeps: ActionKind['keeps'], vi: string, en: string, needs?: Permission): ActionKind =>
  needs === undefined ? { vi, en, keeps } : { vi, en, keeps, needs };

export const AUDIT_ACTIONS = {
  // sign-in
  'signin.success': facts('Đăng nhập', 'Signed in'),
  'signin.failure': facts('Đăng nhập không thành công', 'Failed to sign in'),
  'signin.throttled': facts('Bị chặn vì thử đăng nhập quá nhiều', 'Held off after too many sign-in attempts'),
  'signin.step_up': facts('Xác minh lại danh tính', 'Proved again who they are'),
  'session.end': facts('Đăng xuất, đóng phiên', 'Signed out, closed a session'),
  'session.lock': nothing('Khóa màn hình', 'Locked the screen'),
  'session.reuse': facts(
    'Thẻ làm mới bị dùng lại, phiên bị đóng',
    'Refresh token used twice, session closed',
  ),
  // accounts
  'account.create': change('Tạo tài khoản', 'Made an account', 'users.write'),
  'account.change': change('Sửa tài khoản', 'Changed an account', 'users.write'),
  'account.lock': change('Khóa tài khoản', 'Locked an account', 'users.write'),
  'account.unlock': change('Mở khóa tài khoản', 'Unlocked an account', 'users.write'),
  'account.grants': change('Đổi quyền của tài khoản', 'Changed the grants of an account', 'users.write'),
  'account.password': nothing('Đổi mật khẩu của mình', 'Changed their own password'),
  'account.password_set': nothing(
    'Đặt mật khẩu cho tài khoản',
    'Set the password of an account',
    'users.write',
  ),
  'account.terms': facts('Chấp thuận quy định an toàn', 'Accepted the terms of security'),
  'account.factor_add': facts('Thêm yếu tố xác thực thứ hai', 'Added a second factor'),
  'account.factor_remove': facts('Gỡ yếu tố xác thực thứ hai', 'Removed a second factor'),
  'account.factors_reset': nothing(
    'Gỡ mọi yếu tố thứ hai của tài khoản',
    'Took away every second factor of an account',
    'users.write',
  ),
  'account.recovery_codes': nothing('Tạo mã khôi phục mới', 'Made new recovery codes'),
  'account.identity_unlink': facts('Bỏ liên kết tài khoản ngoài', 'Unlinked an account elsewhere'),
  'key.create': facts('Cấp khóa API', 'Issued an API key', 'users.write'),
  'key.revoke': nothing('Thu hồi khóa API', 'Revoked an API key', 'users.write'),
  // lent powers
  'delegation.lend': facts('Ủy quyền cho người khác', 'Lent powers to somebody', 'delegations.lend'),
  'delegation.end': facts('Chấm dứt ủy quyền', 'Ended lent powers'),
  'breakglass.open': facts('Mở quyền khẩn cấp', 'Opened emergency access', 'breakglass.open'),
  'breakglass.use': facts('Dùng quyền khẩn cấp', 'Used emergency access'),
  'account.revoke': change('Thu hồi tài khoản', 'Revoked an account', 'accounts.execute'),
  'account.review': facts('Rà soát quyền của tài khoản', 'Reviewed a grant of an account', 'accounts.review'),
  'account.register_export': facts('Xuất sổ tài khoản', 'Exported the account register', 'accounts.read'),
  // requests for account acts
  'account_request.submit': facts('Gửi đề nghị về tài khoản', 'Filed an account request'),
  'account_request.step': facts('Xử lý đề nghị về tài khoản', 'Took an account request one step on'),
  'account_request.scan': facts('Thêm bản chụp văn bản', 'Added a scan of a document'),
  'account_request.scan_read': facts('Xem bản chụp văn bản', 'Looked at a scan of a document'),
  // registry
  'area.import': facts('Nhập địa giới', 'Imported areas', 'areas.write'),
  'device.create': change('Đăng ký thiết bị', 'Registered a device', 'devices.write'),
  'device.change': change('Sửa thiết bị', 'Changed a device', 'devices.write'),
  'device.credential': nothing('Cấp mật khẩu thiết bị', 'Issued a device credential', 'devices.write'),
  'device.certificate': facts('Đổi chứng thư của thiết bị', 'Changed the certificates of a device'),
  'device.import': facts('Nhập bảng thiết bị', 'Imported a table of devices', 'devices.write'),
  'camera.create': change('Đăng ký camera', 'Registered a camera', 'cameras.write'),
  'camera.change': change('Sửa camera', 'Changed a camera', 'cameras.write'),
  'camera.view_start': nothing('Mở hình trực tiếp', 'Opened live video', 'cameras.play'),
  'camera.view_end': facts('Đóng hình trực tiếp', 'Closed live video', 'cameras.play'),
  'camera.snapshot': facts('Xem ảnh camera', 'Looked at a camera picture', 'cameras.play'),
  'unit.create': change('Đăng ký lực lượng', 'Registered a unit', 'units.write'),
  'unit.status': change('Đổi trạng thái lực lượng', 'Changed the status of a unit', 'dispatch.operate'),
  // rules, alerts, dispatch
  'rule.create': change('Tạo quy tắc', 'Made a rule', 'rules.write'),
  'rule.change': change('Sửa quy tắc', 'Changed a rule', 'rules.write'),
  'rule.activate': change('Áp dụng quy tắc', 'Put a rule into force', 'rules.write'),
  'rule.backtest': facts(
    'Chạy thử quy tắc trên dữ liệu cũ',
    'Looked at what a rule would have done',
    'rules.write',
  ),
  'rule.approve': change('Phê duyệt quy tắc', 'Approved a rule', 'rules.activate'),
  'rule.shadow': change('Chạy quy tắc ở chế độ thầm lặng', 'Let a rule run in the shadow', 'rules.write'),
  'rule.retire': change('Ngừng áp dụng quy tắc', 'Retired a rule', 'rules.write'),
  'alert.acknowledge': change('Xác nhận đã thấy cảnh báo', 'Acknowledged an alert', 'alerts.operate'),
  'alert.resolve': change('Kết thúc cảnh báo', 'Resolved an alert', 'alerts.operate'),
  'alert.comment': nothing('Ghi chú vào cảnh báo', 'Commented on an alert', 'alerts.operate'),
  'alert.shelve': change('Tạm gác cảnh báo', 'Shelved an alert', 'alerts.operate'),
  'alert.unshelve': change('Đưa cảnh báo trở lại', 'Took an alert off the shelf', 'alerts.operate'),
  'alert.snapshot': facts('Xem ảnh của cảnh báo', 'Looked at the picture of an alert', 'alerts.read'),
  'dispatch.create': facts('Điều động lực lượng', 'Sent a unit', 'dispatch.operate'),
  'dispatch.step': change('Cập nhật điều động', 'Took a dispatch one step on', 'dispatch.operate'),
  // what is of class `restricted`
  'restricted.read': facts('Đọc dữ liệu hạn chế', 'Read restricted data'),
  // messages that could not be stored
  'quarantine.read': nothing('Đọc bản tin bị giữ lại', 'Read a held message', 'quarantine.read'),
  'quarantine.replay': facts(
    'Xử lý lại bản tin bị giữ',
    'Put held messages through again',
    'quarantine.replay',
  ),
  'message.secret': facts(
    'Từ chối nội dung mang dấu bí mật nhà nước',
    'Refused content marked as a state secret',
  ),
  // personal data
  'personal.lookup': facts('Tra cứu dữ liệu cá nhân', 'Looked up personal data', 'personal.read'),
  'personal.report': nothing('Xem dữ liệu về một người', 'Read what is held of a person', 'personal.read'),
  'personal.erase': facts('Xóa dữ liệu cá nhân', 'Erased personal data', 'personal.erase'),
  'personal.expire': facts('Xóa dữ liệu hết hạn lưu', 'Removed what was kept long enough'),
  // how long data is kept
  'hold.place': facts('Đặt lệnh giữ dữ liệu', 'Placed a legal hold', 'holds.write'),
  'hold.ask_release': change('Đề nghị gỡ lệnh giữ dữ liệu', 'Asked to release a legal hold', 'holds.write'),
  'hold.release': change('Gỡ lệnh giữ dữ liệu', 'Released a legal hold', 'holds.write'),
  'retention.remove': facts('Xóa dữ liệu hết thời hạn lưu giữ', 'Removed expired data'),
  // the trail itself
  'audit.read': facts('Tra cứu nhật ký', 'Searched the audit trail', 'audit.read'),
  'audit.verify': facts('Kiểm tra tính toàn vẹn của nhật ký', 'Verified the audit trail', 'audit.read'),
  'audit.export': facts('Xuất nhật ký', 'Exported the audit trail', 'audit.read'),
  'audit.close': facts('Đóng đoạn nhật ký hết hạn lưu', 'Closed an expired segment of the audit trail'),
  'audit.restored': facts('Nhận bản phục hồi từ sao lưu', 'Accepted a restoration from a backup'),
  'audit.dropped': facts('Lượt xem không ghi kịp', 'Reads that could not be written down'),
  // the product
  'system.start': facts('Khởi động hệ thống', 'Started the system'),
  'system.stop': nothing('Dừng hệ thống', 'Stopped the system'),
  'system.migrate': facts('Nâng cấp cơ sở dữ liệu', 'Migrated the database'),
} as const satisfies Record<string, ActionKind>;

export type AuditAction = keyof typeof AUDIT_ACTIONS;

/** What an act can be about, with its word. */
export const AUDIT_OBJECTS = {
  legal_hold: { vi: 'Lệnh giữ dữ liệu', en: 'Legal hold' },
  kept_data: { vi: 'Dữ liệu lưu giữ', en: 'Kept data' },
  account: { vi: 'Tài khoản', en: 'Account' },
  session: { vi: 'Phiên đăng nhập', en: 'Session' },
  api_key: { vi: 'Khóa API', en: 'API key' },
  account_request: { vi: 'Đề nghị về tài khoản', en: 'Account request' },
  area: { vi: 'Địa bàn', en: 'Area' },
  device: { vi: 'Thiết bị', en: 'Device' },
  camera: { vi: 'Camera', en: 'Camera' },
  unit: { vi: 'Lực lượng', en: 'Unit' },
  rule: { vi: 'Quy tắc', en: 'Rule' },
  alert: { vi: 'Cảnh báo', en: 'Alert' },
  dispatch: { vi: 'Điều động', en: 'Dispatch' },
  quarantine: { vi: 'Bản tin bị giữ', en: 'Held message' },
  audit: { vi: 'Nhật ký', en: 'Audit trail' },
  system: { vi: 'Hệ thống', en: 'System' },
} as const satisfies Record<string, { vi: string; en: string }>;

export type AuditObject = keyof typeof AUDIT_OBJECTS;
