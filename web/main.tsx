import './strict-policy.ts';
import './theme/styles.ts';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { startTexts } from './i18n/index.ts';
import { App } from './shell/app.tsx';
import { start, useUi } from './state/index.ts';

const root = document.getElementById('root');
if (!root) throw new Error('the page has no root element');

const wearTheme = () => {
  document.documentElement.dataset.mantineColorScheme = useUi.getState().theme;
};

// Settings come first, so that the first picture already has the right theme and language.
const started = start();
wearTheme();
useUi.subscribe(wearTheme);
await startTexts(useUi.getState().language);
createRoot(root).render(
  <StrictMode>
    <App started={started} />
  </StrictMode>,
);
