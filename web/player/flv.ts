import type Mpegts from 'mpegts.js';

export interface FlvEvents {
  /** A frame was put on the screen. */
  onFrame(): void;
  /** The stream ended or broke; the caller decides about another try. */
  onEnd(why: 'ended' | 'network' | 'unplayable'): void;
}

let loading: Promise<typeof Mpegts> | undefined;

/** Whether this browser can play at all (Media Source Extensions with H.264). */
export async function canPlay(): Promise<boolean> {
  return (await library()).isSupported();
}

function library(): Promise<typeof Mpegts> {
  loading ??= import('mpegts.js').then((module) => {
    // The console has its own words for what goes wrong.
    module.default.LoggingControl.enableAll = false;
    return module.default;
  });
  return loading;
}

/** Plays FLV from a WebSocket into a video element; the returned function ends it and frees everything. */
export async function playFlv(video: HTMLVideoElement, url: string, events: FlvEvents): Promise<() => void> {
  const mpegts = await library();
  const address = new URL(url, location.href);
  address.protocol = address.protocol === 'https:' ? 'wss:' : 'ws:';
  const player = mpegts.createPlayer(
    { type: 'flv', isLive: true, url: address.href, hasAudio: false },
    {
      enableWorker: false,
      // An operator wants now, not smoothness: no stash, and the picture runs after the live edge.
      enableStashBuffer: false,
      liveSync: true,
      liveSyncMaxLatency: 1.6,
      liveSyncTargetLatency: 0.7,
      liveSyncPlaybackRate: 1.25,
      lazyLoad: false,
      autoCleanupSourceBuffer: true,
      autoCleanupMaxBackwardDuration: 12,
      autoCleanupMinBackwardDuration: 6,
    },
  );
  let over = false;
  const end = (why: 'ended' | 'network' | 'unplayable') => {
    if (over) return;
    close();
    events.onEnd(why);
  };
  const eachFrame = () => {
    if (over) return;
    events.onFrame();
    video.requestVideoFrameCallback(eachFrame);
  };
  const close = () => {
    if (over) return;
    over = true;
    player.destroy();
  };
  player.on(mpegts.Events.ERROR, (type: string) =>
    end(type === mpegts.ErrorTypes.MEDIA_ERROR ? 'unplayable' : 'network'),
  );
  player.on(mpegts.Events.LOADING_COMPLETE, () => end('ended'));
  player.attachMediaElement(video);
  video.requestVideoFrameCallback(eachFrame);
  player.load();
  // Muted video may start without a gesture; a refusal is not an error of the stream.
  Promise.resolve(player.play()).catch(() => undefined);
  return close;
}
