import type { Logger } from '../../core/ports.ts';
import type { LoadedConfig } from './config.ts';
import type { Control } from './control.ts';

export interface RunningApp {
  control: Control;
  stop(): Promise<void>;
}

/** Placeholder until every capability has a face; the branch that follows wires them. */
export async function startApp(
  _config: Pick<LoadedConfig, 'settings'>,
  _logger: Logger,
): Promise<RunningApp> {
  throw new Error('not wired yet');
}
