import { Component, type ReactNode } from 'react';
import { ErrorNote } from './states.tsx';

interface BoundaryProps {
  children: ReactNode;
  /** When it changes, the part gets another chance. */
  resetKey?: unknown;
}

/** A fault of one panel stays in that panel; the alarms beside it go on. */
export class Boundary extends Component<BoundaryProps, { failed: boolean }> {
  override state = { failed: false };

  static getDerivedStateFromError(): { failed: boolean } {
    return { failed: true };
  }

  override componentDidUpdate(before: BoundaryProps): void {
    if (this.state.failed && before.resetKey !== this.props.resetKey) this.setState({ failed: false });
  }

  override render(): ReactNode {
    if (!this.state.failed) return this.props.children;
    return <ErrorNote error={null} onRetry={() => this.setState({ failed: false })} />;
  }
}
