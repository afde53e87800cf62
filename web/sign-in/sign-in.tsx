import { PasswordInput, TextInput } from '@mantine/core';
import { IconBuilding, IconFingerprint } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { SECOND_FACTORS, SecondFactorWanted } from '../../core/api/sign-in.ts';
import { ERRORS, type ErrorCode } from '../../core/errors.ts';
import { useTexts } from '../i18n/index.ts';
import { Button } from '../parts/button.tsx';
import { ErrorLine, ErrorNote } from '../parts/states.tsx';
import { useAct } from '../parts/use-act.ts';
import {
  ApiError,
  api,
  isApiError,
  isDeclined,
  loadCentre,
  login,
  signInWithPasskey,
  useConnection,
  useSession,
} from '../state/index.ts';
import { Door } from './door.tsx';
import { SecondFactorStep } from './second-factor.tsx';
import css from './sign-in.module.css';

type Wanted = Parameters<typeof SecondFactorStep>[0]['wanted'];

/** What the sign-in page of another house has brought back in the address; read once. */
function returned(): { wanted: Wanted | null; error: ApiError | null } {
  const query = new URLSearchParams(location.search);
  const outcome = query.get('signin');
  if (outcome === null) return { wanted: null, error: null };
  const factors = SECOND_FACTORS.filter((factor) => query.get('factors')?.split(',').includes(factor));
  history.replaceState(null, '', location.pathname);
  if (outcome === 'second_factor') return { wanted: { factors }, error: null };
  const code = Object.hasOwn(ERRORS, outcome) ? (outcome as ErrorCode) : null;
  return { wanted: null, error: code && new ApiError(code) };
}

export function SignIn() {
  const { t, pick } = useTexts();
  const centre = useConnection((state) => state.centre);
  const centreError = useConnection((state) => state.centreError);
  const endedBy = useSession((state) => state.endedBy);
  const [back] = useState(returned);
  const [wanted, setWanted] = useState<Wanted | null>(back.wanted);
  const [username, setUsername] = useState('');
  const [password, setPassword] = useState('');
  const act = useAct<'signIn' | 'passkey'>();
  const { data: methods } = useQuery({ queryKey: ['sign-in-methods'], queryFn: api.signInMethods });

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    await act.run('signIn', async () => {
      try {
        await login(username.trim(), password);
      } catch (failure) {
        if (isApiError(failure, 'auth.second_factor')) {
          setPassword('');
          return setWanted(SecondFactorWanted.parse(failure.data));
        }
        if (isApiError(failure, 'auth.invalid')) setPassword('');
        throw failure;
      }
    });
  };
  const withPasskey = () =>
    act.run('passkey', () =>
      signInWithPasskey().catch((failure: unknown) => {
        if (!isDeclined(failure)) throw failure;
      }),
    );
  if (wanted)
    return (
      <Door>
        <SecondFactorStep wanted={wanted} onBack={() => setWanted(null)} />
      </Door>
    );
  return (
    <Door>
      {endedBy && (
        <p className={css.ended} role="status">
          {t(`signIn.${endedBy}`)}
        </p>
      )}
      {centreError && !centre ? (
        <ErrorNote error={centreError} onRetry={() => void loadCentre()} />
      ) : (
        <form className={css.form} onSubmit={(event) => void submit(event)}>
          <TextInput
            label={t('signIn.username')}
            name="username"
            autoComplete="username"
            autoCapitalize="none"
            spellCheck={false}
            required
            withAsterisk={false}
            autoFocus
            value={username}
            onChange={(event) => setUsername(event.currentTarget.value)}
          />
          <PasswordInput
            label={t('signIn.password')}
            name="password"
            autoComplete="current-password"
            required
            withAsterisk={false}
            visibilityToggleButtonProps={{ 'aria-label': t('signIn.showPassword') }}
            value={password}
            onChange={(event) => setPassword(event.currentTarget.value)}
          />
          <ErrorLine error={act.error ?? back.error} />
          <Button
            look="primary"
            type="submit"
            busy={act.busy === 'signIn'}
            disabled={username.trim() === '' || password === ''}
            className={css.submit ?? ''}
          >
            {act.busy === 'signIn' ? t('signIn.busy') : t('signIn.submit')}
          </Button>
          {(methods?.passkey || methods?.oidc) && <p className={css.or}>{t('signIn.or')}</p>}
          {methods?.passkey && (
            <Button
              icon={<IconFingerprint size={16} stroke={1.6} aria-hidden />}
              busy={act.busy === 'passkey'}
              onClick={() => void withPasskey()}
            >
              {t('signIn.passkey')}
            </Button>
          )}
          {methods?.oidc && (
            <Button
              icon={<IconBuilding size={16} stroke={1.6} aria-hidden />}
              onClick={() => location.assign('/api/v1/auth/oidc/start')}
            >
              {pick(methods.oidc)}
            </Button>
          )}
        </form>
      )}
    </Door>
  );
}
