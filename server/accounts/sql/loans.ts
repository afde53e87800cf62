import sql, { type Sql } from 'sql-template-tag';
import type { DataClass, LoanKind } from '../../../core/permissions.ts';
import type { Queryable } from '../../../core/ports.ts';
import type { GrantRow } from '../sql.ts';

/** A loan with the grant it is part of, and the people on both sides. */
export interface LoanRow {
  id: number;
  kind: LoanKind;
  to_user: string;
  to_username: string;
  to_display_name: string;
  from_user: string;
  from_username: string;
  from_display_name: string;
  from_agency_id: string | null;
  from_active: boolean;
  permissions: string[] | null;
  agency_ids: string[] | null;
  area_ids: string[] | null;
  domains: string[] | null;
  max_class: DataClass | null;
  reason: string;
  valid_from: Date;
  valid_to: Date;
  ended_at: Date | null;
  ended_by_name: string | null;
  grant_id: number;
  grant_role: string;
  grant_agency_rule: GrantRow['agency_rule'];
  grant_agency_ids: string[] | null;
  grant_area_ids: string[] | null;
  grant_domains: string[] | null;
  grant_max_class: DataClass;
  grant_valid_from: Date;
  grant_valid_to: Date | null;
}

const LOANS = sql`
  select d.id, d.kind, d.to_user, t.username as to_username, t.display_name as to_display_name, d.from_user,
         f.username as from_username, f.display_name as from_display_name, f.agency_id as from_agency_id,
         f.status = 'active' as from_active, d.permissions, d.agency_ids, d.area_ids, d.domains, d.max_class,
         d.reason, d.valid_from, d.valid_to, d.ended_at, e.username as ended_by_name, d.grant_id,
         g.role as grant_role, g.agency_rule as grant_agency_rule, g.agency_ids as grant_agency_ids,
         g.area_ids as grant_area_ids, g.domains as grant_domains, g.max_class as grant_max_class,
         g.valid_from as grant_valid_from, g.valid_to as grant_valid_to
  from delegations d
  join users f on f.id = d.from_user
  join users t on t.id = d.to_user
  join grants g on g.id = d.grant_id
  left join users e on e.id = d.ended_by`;

const isOpen = (at: Date): Sql => sql`d.ended_at is null and d.valid_to > ${at}`;

/** Loans to these people that are in force or will be. */
export const openLoansTo = (db: Queryable, userIds: readonly string[], at: Date): Promise<LoanRow[]> =>
  db.query<LoanRow>(
    sql`${LOANS} where d.to_user = any(${[...userIds]}::text[]) and ${isOpen(at)} order by d.id`,
  );

/** Loans from and to one person, the latest first. */
export const loansOf = (db: Queryable, userId: string, at: Date, all: boolean): Promise<LoanRow[]> =>
  db.query<LoanRow>(sql`
    ${LOANS} where (d.from_user = ${userId} or d.to_user = ${userId}) and (${all} or (${isOpen(at)}))
    order by d.id desc limit 500`);

export async function loanById(db: Queryable, id: number): Promise<LoanRow | undefined> {
  return (await db.query<LoanRow>(sql`${LOANS} where d.id = ${id}`))[0];
}

export interface NewLoan {
  kind: LoanKind;
  fromUser: string;
  toUser: string;
  grantId: number;
  permissions: readonly string[] | null;
  agencyIds: readonly string[] | null;
  areaIds: readonly string[] | null;
  domains: readonly string[] | null;
  maxClass: DataClass | null;
  reason: string;
  validFrom: Date;
  validTo: Date;
}

export async function insertLoan(db: Queryable, loan: NewLoan, at: Date): Promise<number> {
  const [row] = await db.query<{ id: number }>(sql`
    insert into delegations (kind, from_user, to_user, grant_id, permissions, agency_ids, area_ids, domains, max_class,
                             reason, valid_from, valid_to, created_at)
    values (${loan.kind}, ${loan.fromUser}, ${loan.toUser}, ${loan.grantId}, ${loan.permissions}, ${loan.agencyIds},
            ${loan.areaIds}, ${loan.domains}, ${loan.maxClass}, ${loan.reason}, ${loan.validFrom}, ${loan.validTo},
            ${at})
    returning id`);
  return row?.id ?? 0;
}

/** False when it has ended before. The command line is nobody of the accounts; the trail has its name. */
export async function endLoan(db: Queryable, id: number, by: string, at: Date): Promise<boolean> {
  const rows = await db.query<{ id: number }>(sql`
    update delegations d set ended_at = ${at}, ended_by = (select id from users where id = ${by})
    where d.id = ${id} and ${isOpen(at)} returning d.id`);
  return rows.length > 0;
}

/** Active people of these agencies whose names are like a pattern. */
export const colleagues = (
  db: Queryable,
  pattern: string,
  agencyIds: readonly string[],
  except: string,
  limit: number,
) =>
  db.query<{ username: string; display_name: string; agency_id: string | null }>(sql`
    select username, display_name, agency_id from users
    where status = 'active' and kind = 'person' and id <> ${except} and agency_id = any(${[...agencyIds]}::text[])
      and (lower(username) like ${pattern} or lower(display_name) like ${pattern})
    order by display_name, username limit ${limit}`);
