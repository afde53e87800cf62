import { MantineProvider } from '@mantine/core';
import { QueryClientProvider } from '@tanstack/react-query';
import { lazy, Suspense, useEffect, useState } from 'react';
import { Finish } from '../sign-in/finish.tsx';
import { SignIn } from '../sign-in/sign-in.tsx';
import { StepUp } from '../sign-in/step-up.tsx';
import { queryClient, useSession, useUi } from '../state/index.ts';
import { mantineTheme } from '../theme/mantine.ts';

const Room = lazy(() => import('./room.tsx').then((module) => ({ default: module.Room })));

/** The gate: nothing of the centre is drawn for somebody who has not signed in. */
export function App({ started }: { started: Promise<void> }) {
  const theme = useUi((state) => state.theme);
  const status = useSession((state) => state.status);
  const [ready, setReady] = useState(false);
  useEffect(() => {
    void started.then(() => setReady(true));
  }, [started]);
  return (
    <MantineProvider
      theme={mantineTheme}
      forceColorScheme={theme}
      withCssVariables={false}
      withGlobalClasses={false}
    >
      <QueryClientProvider client={queryClient}>
        {ready && status === 'signed_out' && <SignIn />}
        {status === 'unfinished' && <Finish />}
        {status === 'signed_in' && (
          <Suspense fallback={null}>
            <Room />
            <StepUp />
          </Suspense>
        )}
      </QueryClientProvider>
    </MantineProvider>
  );
}
