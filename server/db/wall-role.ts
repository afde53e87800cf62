import { AppError } from '../../core/errors.ts';
import type { Logger } from '../../core/ports.ts';
import type { OpenDatabase } from './types.ts';
import { CALLER_ROLE } from './wall.ts';

/** What to do on a server where the role cannot be made: start nothing, or go on with the first wall alone. */
export type SecondWallMode = 'require' | 'warn';

const MAKE = `
do $$
begin
  if not exists (select 1 from pg_roles where rolname = '${CALLER_ROLE}') then
    create role ${CALLER_ROLE} nologin;
  end if;
  if not pg_has_role(current_user, '${CALLER_ROLE}', 'member') then
    execute format('grant ${CALLER_ROLE} to %I', current_user);
  end if;
exception
  when insufficient_privilege or duplicate_object or unique_violation then null;
end
$$`;

/** Whether the role is there and this login may take it, and whether it has been given its rights. */
const STATE = `
select pg_has_role(current_user, rolname, 'member') as usable, current_user as login,
       has_schema_privilege(rolname, 'seen', 'usage') as rights, rolsuper or rolbypassrls as powerful
from pg_roles where rolname = '${CALLER_ROLE}'`;

interface RoleState {
  usable: boolean;
  login: string;
  rights: boolean;
  powerful: boolean;
}

/**
 * Looks, after the migrations, whether callers can be kept behind the second wall. Makes the role where the login of
 * the product may. Throws `config.invalid` with what an administrator has to run where it may not and `mode` is
 * `require`; otherwise warns, and callers read as the product itself does.
 */
export async function prepareSecondWall(
  database: OpenDatabase,
  mode: SecondWallMode,
  logger: Logger,
): Promise<void> {
  if (database.capabilities.kind !== 'postgres') return;
  await database.query({ text: MAKE, values: [] });
  const state = async () => (await database.query<RoleState>({ text: STATE, values: [] }))[0];
  let role = await state();
  if (role?.usable && !role.rights) {
    await database.transaction(async (tx) => {
      const rights = await tx.query<{ statement: string }>({
        text: 'select statement from second_wall_rights order by id',
        values: [],
      });
      for (const { statement } of rights) await tx.query({ text: statement, values: [] });
    });
    role = await state();
  }
  database.capabilities.secondWall = Boolean(role?.usable && role.rights && !role.powerful);
  if (database.capabilities.secondWall) return;
  const [{ login } = { login: '' }] = await database.query<{ login: string }>({
    text: 'select quote_ident(current_user) as login',
    values: [],
  });
  const remedy = role?.powerful
    ? `alter role ${CALLER_ROLE} nosuperuser nobypassrls`
    : `${role ? '' : `create role ${CALLER_ROLE} nologin; `}grant ${CALLER_ROLE} to ${login}`;
  if (mode === 'require')
    throw new AppError('config.invalid', {
      detail: `the role of the second wall is missing: as an administrator of PostgreSQL run: ${remedy} (or set db.secondWall to warn)`,
    });
  logger.warn({ remedy }, 'no row-level security behind the API: the role of the second wall is missing');
}
