/**
 * How long the next frame takes on the main thread, from its start until the browser has painted it and comes back
 * to us. A message posted in the frame is delivered after the paint.
 */
export function costOfNextFrame(tell: (costMs: number) => void): void {
  requestAnimationFrame((startMs) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      tell(Math.max(0, performance.now() - startMs));
    };
    port2.postMessage(null);
  });
}
