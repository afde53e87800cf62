import { TextInput } from '@mantine/core';
import { useTexts } from '../i18n/index.ts';

/** The six digits of an authenticator app, or, where there are some, a recovery code. */
export function CodeField({
  value,
  recovery,
  onChange,
}: {
  value: string;
  recovery: boolean;
  onChange(value: string): void;
}) {
  const { t } = useTexts();
  return (
    <TextInput
      label={t(recovery ? 'factor.codeOrRecovery' : 'factor.code')}
      name="one-time-code"
      autoComplete="one-time-code"
      inputMode={recovery ? 'text' : 'numeric'}
      spellCheck={false}
      autoCapitalize="none"
      maxLength={64}
      autoFocus
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}
