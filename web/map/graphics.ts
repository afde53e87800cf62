let answer: Promise<boolean> | undefined;

/**
 * Whether many dots are better drawn by the graphics card. Not where the browser only imitates one (the canvas is
 * several times faster there), and not where the page's policy forbids the worker that the library's WebGL layer
 * starts from a blob (`worker-src blob:`). Asked once.
 */
export function canUseGraphicsCard(): Promise<boolean> {
  answer ??= hasGraphicsCard() ? canStartWorker() : Promise.resolve(false);
  return answer;
}

/** Names that drawing by the processor goes by. */
const IMITATION = /swiftshader|llvmpipe|softpipe|software|basic render/i;

function hasGraphicsCard(): boolean {
  const gl = document.createElement('canvas').getContext('webgl', { failIfMajorPerformanceCaveat: true });
  if (!gl) return false;
  const info = gl.getExtension('WEBGL_debug_renderer_info');
  const name = String(gl.getParameter(info ? info.UNMASKED_RENDERER_WEBGL : gl.RENDERER));
  // A page has only so many contexts.
  gl.getExtension('WEBGL_lose_context')?.loseContext();
  return !IMITATION.test(name);
}

function canStartWorker(): Promise<boolean> {
  return new Promise((resolve) => {
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
}
