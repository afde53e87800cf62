import type { Grant, SessionNeed } from '../../core/permissions.ts';
import type { SignInPolicy } from './policy.ts';
import type { SessionRow } from './sql/sessions.ts';

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;

/** Whoever can change accounts is an administrator: shorter lock, changing passwords, no first link from elsewhere. */
export function isAdministrator(grants: readonly Grant[]): boolean {
  return grants.some((grant) => grant.permissions.has('users.write'));
}

/** Milliseconds without an act after which a console locks; Infinity = never. */
export function lockAfterMs(policy: SignInPolicy, grants: readonly Grant[]): number {
  const minutes = isAdministrator(grants) ? policy.lockMinutesAdmin : policy.lockMinutes;
  return minutes === 0 ? Number.POSITIVE_INFINITY : minutes * MINUTE_MS;
}

/** What a session has to do first, the first thing of several; machines have nothing to do. Pure. */
export function needOf(
  session: Omit<SessionRow, 'active_at'> & { activeAtMs: number },
  grants: readonly Grant[],
  policy: SignInPolicy,
  nowMs: number,
): SessionNeed | undefined {
  if (session.method === 'key') return undefined;
  if (session.locked_at !== null || nowMs - session.activeAtMs >= lockAfterMs(policy, grants))
    return 'unlock';
  if (session.second_factor_at === null && policy.needsSecondFactor(grants.map((grant) => grant.role)))
    return session.has_second_factor ? 'second_factor' : 'enrolment';
  if (session.method === 'password' && mustChangePassword(session, grants, policy, nowMs)) return 'password';
  return policy.termsVersion !== null && session.terms_version !== policy.termsVersion ? 'terms' : undefined;
}

function mustChangePassword(
  session: Pick<SessionRow, 'password_issued' | 'password_changed_at'>,
  grants: readonly Grant[],
  policy: SignInPolicy,
  nowMs: number,
): boolean {
  if (session.password_issued && policy.changeIssuedPasswords) return true;
  const age = nowMs - session.password_changed_at.getTime();
  const isOld = policy.passwordDays > 0 && age >= policy.passwordDays * DAY_MS;
  return isOld && isAdministrator(grants);
}
