let answer: Promise<boolean> | undefined;

/**
 * Whether this page may start a worker from a blob, as the library's WebGL layer does: a strict policy without
 * `worker-src blob:` forbids it, and then many dots are drawn on the canvas instead. Asked once.
 */
export function canUseWorkers(): Promise<boolean> {
  answer ??= new Promise((resolve) => {
    const gl = document.createElement('canvas').getContext('webgl');
    if (!gl) return resolve(false);
    gl.getExtension('WEBGL_lose_context')?.loseContext();
    const url = URL.createObjectURL(new Blob(['postMessage(1)'], { type: 'application/javascript' }));
    const end = (can: boolean) => {
      URL.revokeObjectURL(url);
      resolve(can);
    };
    try {
      const worker = new Worker(url);
      worker.onmessage = () => {
        worker.terminate();
        end(true);
      };
      worker.onerror = () => end(false);
    } catch {
      end(false);
    }
  });
  return answer;
}
