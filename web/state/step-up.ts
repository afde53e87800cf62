import { create } from 'zustand';

/** Somebody is being asked to prove who they are before an act goes on. */
export const useStepUp = create<{ resolve: ((proved: boolean) => void) | null }>(() => ({ resolve: null }));

let asking: Promise<boolean> | undefined;

/** One question at a time, for all who wait for it. */
export function askToProve(): Promise<boolean> {
  asking ??= new Promise<boolean>((resolve) => {
    useStepUp.setState({
      resolve: (proved) => {
        useStepUp.setState({ resolve: null });
        asking = undefined;
        resolve(proved);
      },
    });
  });
  return asking;
}
