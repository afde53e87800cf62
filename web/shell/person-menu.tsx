import { Menu } from '@mantine/core';
import {
  IconCheck,
  IconHistory,
  IconKeyboard,
  IconLock,
  IconLogout,
  IconMoon,
  IconSun,
  IconUserCircle,
  IconVolume,
} from '@tabler/icons-react';
import { useTexts } from '../i18n/index.ts';
import { useRoles } from '../parts/use-roles.ts';
import { lockConsole, logout, useConnection, useSession, useUi } from '../state/index.ts';
import { initials } from './initials.ts';
import css from './person-menu.module.css';
import { go } from './router.ts';

const LANGUAGES = { vi: 'Tiếng Việt', en: 'English' } as const;

export function PersonMenu({ onHelp }: { onHelp(): void }) {
  const { t, language } = useTexts();
  const me = useSession((state) => state.me);
  const theme = useUi((state) => state.theme);
  const sound = useUi((state) => state.sound);
  const version = useConnection((state) => state.centre?.version);
  const { roleName } = useRoles();
  if (!me) return null;
  const roles = [...new Set(me.grants.map((grant) => grant.role))];
  return (
    <Menu position="bottom-end" width={240}>
      <Menu.Target>
        <button type="button" className={css.me} aria-label={t('person.menu', { name: me.displayName })}>
          {initials(me.displayName)}
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        <div className={css.who}>
          <b>{me.displayName}</b>
          <span>
            {me.username} · {roles.map(roleName).join(', ')}
          </span>
        </div>
        <Menu.Divider />
        <Menu.Label>{t('person.theme')}</Menu.Label>
        {(['dark', 'light'] as const).map((name) => (
          <Menu.Item
            key={name}
            closeMenuOnClick={false}
            leftSection={
              name === 'dark' ? <IconMoon size={16} stroke={1.6} /> : <IconSun size={16} stroke={1.6} />
            }
            rightSection={theme === name && <IconCheck size={15} />}
            aria-current={theme === name}
            onClick={() => useUi.setState({ theme: name })}
          >
            {t(`theme.${name}`)}
          </Menu.Item>
        ))}
        <Menu.Label>{t('person.language')}</Menu.Label>
        {(['vi', 'en'] as const).map((code) => (
          <Menu.Item
            key={code}
            lang={code}
            closeMenuOnClick={false}
            leftSection={<span className={css.code}>{code}</span>}
            rightSection={language === code && <IconCheck size={15} />}
            aria-current={language === code}
            onClick={() => useUi.setState({ language: code })}
          >
            {LANGUAGES[code]}
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Item
          closeMenuOnClick={false}
          leftSection={<IconVolume size={16} stroke={1.6} />}
          rightSection={sound && <IconCheck size={15} />}
          aria-current={sound}
          onClick={() => useUi.setState({ sound: !sound })}
        >
          {t('sound.tones')}
        </Menu.Item>
        <Menu.Item leftSection={<IconKeyboard size={16} stroke={1.6} />} onClick={onHelp}>
          {t('keys.title')}
        </Menu.Item>
        <Menu.Item leftSection={<IconUserCircle size={16} stroke={1.6} />} onClick={() => go('account')}>
          {t('person.account')}
        </Menu.Item>
        <Menu.Item leftSection={<IconHistory size={16} stroke={1.6} />} onClick={() => go('activity')}>
          {t('page.activity')}
        </Menu.Item>
        <Menu.Divider />
        <Menu.Item leftSection={<IconLock size={16} stroke={1.6} />} onClick={() => void lockConsole()}>
          {t('person.lock')}
        </Menu.Item>
        <Menu.Item leftSection={<IconLogout size={16} stroke={1.6} />} onClick={() => void logout()}>
          {t('person.signOut')}
        </Menu.Item>
        {version && (
          <p className={css.version}>
            Hải Đăng {version} ·{' '}
            <a href="/api/docs" target="_blank" rel="noreferrer">
              API
            </a>
          </p>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}
