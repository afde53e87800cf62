import { PasswordInput, TextInput } from '@mantine/core';
import { IconMoon, IconSun } from '@tabler/icons-react';
import { type FormEvent, useEffect, useState } from 'react';
import { useTexts } from '../i18n/index.ts';
import { Button } from '../parts/button.tsx';
import { ErrorLine, ErrorNote } from '../parts/states.tsx';
import { useAct } from '../parts/use-act.ts';
import { isApiError, loadCentre, login, useConnection, useSession, useUi } from '../state/index.ts';
import { Lighthouse } from './lighthouse.tsx';
import css from './sign-in.module.css';

export function SignIn() {
  const { t, language, nameOf } = useTexts();
  const centre = useConnection((state) => state.centre);
  const centreError = useConnection((state) => state.centreError);
  const endedBy = useSession((state) => state.endedBy);
  const theme = useUi((state) => state.theme);
  const [username, setUsername] = useState('');
  const [password, setPassword] = useState('');
  const act = useAct<'signIn'>();

  useEffect(() => {
    document.title = centre ? `${centre.shortVi} · Hải Đăng` : 'Hải Đăng';
  }, [centre]);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    await act.run('signIn', async () => {
      try {
        await login(username.trim(), password);
      } catch (failure) {
        if (isApiError(failure, 'auth.invalid')) setPassword('');
        throw failure;
      }
    });
  };
  return (
    <div className={css.page}>
      <main className={css.card}>
        <Lighthouse size={44} />
        <h1>{centre ? nameOf(centre) : 'Hải Đăng'}</h1>
        {centre && (
          <p className={css.place}>
            {nameOf(centre.province)} · {nameOf(centre.supervisingAgency)}
          </p>
        )}
        {centre?.demo && <p className={css.demo}>{t('signIn.demo')}</p>}
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
            <ErrorLine error={act.error} />
            <Button
              look="primary"
              type="submit"
              busy={act.busy !== null}
              disabled={username.trim() === '' || password === ''}
              className={css.submit ?? ''}
            >
              {act.busy ? t('signIn.busy') : t('signIn.submit')}
            </Button>
          </form>
        )}
      </main>
      <footer className={css.foot}>
        <button
          type="button"
          lang="vi"
          aria-pressed={language === 'vi'}
          onClick={() => useUi.setState({ language: 'vi' })}
        >
          Tiếng Việt
        </button>
        <button
          type="button"
          lang="en"
          aria-pressed={language === 'en'}
          onClick={() => useUi.setState({ language: 'en' })}
        >
          English
        </button>
        <Button
          look="icon"
          aria-label={theme === 'dark' ? t('theme.light') : t('theme.dark')}
          onClick={() => useUi.setState({ theme: theme === 'dark' ? 'light' : 'dark' })}
          icon={theme === 'dark' ? <IconSun size={16} stroke={1.6} /> : <IconMoon size={16} stroke={1.6} />}
        />
      </footer>
    </div>
  );
}
