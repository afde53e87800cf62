import type { RequestState } from '../../core/account-request-state.ts';
import type { RegisterEntry, RequestAction } from '../../core/api/account-requests.ts';
import type { Clock } from '../../core/clock.ts';
import { csvTable } from '../../core/csv.ts';
import type { Caller } from '../../core/permissions.ts';
import type { AgencyDirectory, AuditTrail, Database } from '../../core/ports.ts';
import type { Role, RoleBook } from '../../core/roles.ts';
import type { AccountActs } from '../accounts/index.ts';
import { encodeCursor } from '../http/index.ts';
import { registerDto } from './dto.ts';
import type { Judge } from './judge.ts';
import { listRequests, type RequestFilter, stepsOf } from './sql/requests.ts';

const EXPORT_PAGE = 500;

/** Every account act that was carried out, with the document it stands on. */
export interface Register {
  list(
    caller: Caller,
    filter: RequestFilter,
    page: { before: number | null; limit: number },
  ): Promise<{ items: RegisterEntry[]; nextCursor: string | null }>;
  /** The same as a table for spreadsheets, whole. */
  csv(caller: Caller, filter: RequestFilter): Promise<string>;
}

export function createRegister(options: {
  database: Database;
  audit: AuditTrail;
  clock: Clock;
  acts: AccountActs;
  judge: Judge;
  roles: RoleBook;
  agencies: AgencyDirectory;
  timeZone: string;
}): Register {
  const { database, audit, clock, acts, judge, timeZone } = options;

  const list: Register['list'] = async (caller, filter, { before, limit }) => {
    const items: RegisterEntry[] = [];
    let from = before;
    for (;;) {
      const page = { before: from, limit, timeZone, at: new Date(clock.now()) };
      const rows = await listRequests(database, { ...filter, executed: true }, page);
      const targets = await acts.standings(
        database,
        rows.flatMap((row) => row.user_id ?? []),
      );
      const steps = Map.groupBy(
        await stepsOf(
          database,
          rows.map((row) => row.id),
        ),
        (step) => step.request_id,
      );
      for (const row of rows) {
        from = row.id;
        const target = row.user_id === null ? undefined : targets.get(row.user_id);
        if (!judge.covers(caller, 'accounts.read', row, target)) continue;
        items.push(registerDto(row, steps.get(row.id) ?? [], clock.now()));
        if (items.length === limit) return { items, nextCursor: encodeCursor([row.id]) };
      }
      if (rows.length < limit) return { items, nextCursor: null };
    }
  };

  return {
    list,
    async csv(caller, filter) {
      const entries: RegisterEntry[] = [];
      let before: number | null = null;
      for (;;) {
        const page = await list(caller, filter, { before, limit: EXPORT_PAGE });
        entries.push(...page.items);
        if (page.nextCursor === null) break;
        before = page.items.at(-1)?.requestId ?? null;
      }
      await audit.note(
        {
          by: caller,
          action: 'account.register_export',
          object: null,
          after: { ...filter, rows: entries.length },
        },
        { must: true },
      );
      const columns = columnsFor(options);
      return csvTable(
        columns.map(([heading]) => heading),
        entries.map((entry) => columns.map(([, read]) => read(entry))),
      );
    },
  };
}

const ACTION_WORDS: Readonly<Record<RequestAction, string>> = {
  grant: 'Cấp tài khoản',
  change: 'Đổi phạm vi',
  lock: 'Khóa',
  unlock: 'Mở khóa',
  revoke: 'Thu hồi',
};
const REQUESTER_WORDS: Readonly<Record<RegisterEntry['requesterKind'], string>> = {
  person: 'Cá nhân',
  unit: 'Cơ quan, đơn vị',
  owner_authority: 'Cơ quan chủ quản',
  police: 'Cơ quan công an',
  managing_unit: 'Đơn vị quản lý, vận hành',
};
const STATE_WORDS: Readonly<Record<RequestState, string>> = {
  awaiting_document: 'Chờ văn bản',
  submitted: 'Đã gửi',
  returned: 'Trả lại bổ sung',
  checked: 'Đã kiểm tra',
  approved: 'Đã duyệt',
  refused: 'Không duyệt, đã khôi phục',
  executed: 'Đã thực hiện',
  confirmed: 'Đã báo người đề nghị',
  withdrawn: 'Đã rút',
};

type Column = readonly [heading: string, read: (entry: RegisterEntry) => string | number | null];

function columnsFor({
  roles,
  agencies,
  timeZone,
}: {
  roles: RoleBook;
  agencies: AgencyDirectory;
  timeZone: string;
}): readonly Column[] {
  const day = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'medium' });
  const time = (iso: string | null) => (iso === null ? null : day.format(new Date(iso)));
  const roleName = (id: string) => (roles.get(id) satisfies Role | undefined)?.nameVi ?? id;
  return [
    ['Số đề nghị', (entry) => entry.requestId],
    ['Việc', (entry) => ACTION_WORDS[entry.action]],
    ['Tài khoản', (entry) => entry.username],
    ['Họ tên', (entry) => entry.displayName],
    [
      'Cơ quan',
      (entry) => (entry.agencyId === null ? null : (agencies.nameOf(entry.agencyId)?.vi ?? entry.agencyId)),
    ],
    ['Vai trò', (entry) => entry.grants?.map((grant) => roleName(grant.role)).join('; ') ?? null],
    ['Bên đề nghị', (entry) => REQUESTER_WORDS[entry.requesterKind]],
    ['Người hoặc cơ quan ký', (entry) => entry.requesterName],
    ['Số văn bản', (entry) => entry.documentNumber],
    ['Ngày văn bản', (entry) => entry.documentDate],
    ['Văn bản trễ hạn', (entry) => (entry.documentLate ? 'trễ' : null)],
    ['Trạng thái', (entry) => STATE_WORDS[entry.state]],
    ['Gửi lúc', (entry) => time(entry.submittedAt)],
    ['Người gửi', (entry) => entry.submittedBy],
    ['Duyệt lúc', (entry) => time(entry.decidedAt)],
    ['Người duyệt', (entry) => entry.decidedBy],
    ['Thực hiện lúc', (entry) => time(entry.executedAt)],
    ['Người thực hiện', (entry) => entry.executedBy],
    ['Báo lại lúc', (entry) => time(entry.confirmedAt)],
    ['Số văn bản trả lời', (entry) => entry.replyNumber],
  ];
}
