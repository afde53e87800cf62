/** What the camera says about its video (RFC 4566), as far as it matters here. */
export interface VideoTrack {
  /** FFmpeg's name: `h264`, `hevc`, `mjpeg`, `mpeg4`; otherwise the encoding's name in lower case. */
  codec: string;
  /** As written; empty = the session itself. */
  control: string;
}

const CODECS: Record<string, string> = {
  h264: 'h264',
  h265: 'hevc',
  hevc: 'hevc',
  jpeg: 'mjpeg',
  'mp4v-es': 'mpeg4',
};

/** Static payload types of RFC 3551 that cameras use without an rtpmap. */
const STATIC_CODECS: Record<string, string> = { 26: 'mjpeg', 32: 'mpeg2video' };

interface Section {
  lines: string[];
}

function sections(text: string): [Section, ...Section[]] {
  const all: [Section, ...Section[]] = [{ lines: [] }];
  for (const line of text.split(/\r\n|\r|\n/)) {
    if (line === '') continue;
    if (line.startsWith('m=')) all.push({ lines: [] });
    all.at(-1)?.lines.push(line);
  }
  return all;
}

const attribute = (section: Section, name: string) =>
  section.lines.find((line) => line.startsWith(`a=${name}:`))?.slice(name.length + 3);

function isVideo(section: Section): boolean {
  return section.lines[0]?.startsWith('m=video ') ?? false;
}

/** The first video track; undefined when there is none. */
export function videoTrack(text: string): VideoTrack | undefined {
  const video = sections(text).find(isVideo);
  if (!video) return undefined;
  const payloadType = video.lines[0]?.trim().split(/\s+/)[3] ?? '';
  const encoding = attribute(video, 'rtpmap')?.split(/\s+/)[1]?.split('/')[0]?.toLowerCase();
  const codec = encoding ? (CODECS[encoding] ?? encoding) : (STATIC_CODECS[payloadType] ?? 'unknown');
  return { codec, control: attribute(video, 'control') ?? '' };
}

/**
 * The SDP for FFmpeg: the session and its first video track only, with our control name and no address.
 * Sound is left out on purpose: a street camera's microphone is nobody's business.
 */
export function rewriteSdp(text: string, control: string): string {
  const [session, ...media] = sections(text);
  const video = media.find(isVideo);
  const keep = (line: string) => !/^(a=control:|c=|a=range:)/.test(line);
  const lines = [
    ...session.lines.filter((line) => keep(line) && !/^(o=|u=|e=|p=)/.test(line)),
    'c=IN IP4 0.0.0.0',
    'a=control:*',
  ];
  if (video) lines.push(...video.lines.filter(keep), `a=control:${control}`);
  // `o=` is mandatory and names the camera's address: give our own.
  const version = lines.findIndex((line) => line.startsWith('v='));
  lines.splice(version + 1, 0, 'o=- 0 0 IN IP4 127.0.0.1');
  return `${lines.join('\r\n')}\r\n`;
}

/**
 * The URL to ask for, from the base of the description and a control attribute. The host is always the
 * camera's own: behind NAT cameras name an address that nobody can reach, and an attacker names another.
 */
export function controlUrl(base: string, control: string): string {
  if (control === '' || control === '*') return base;
  const absolute = /^rtsps?:\/\/[^/]*(\/.*)?$/i.exec(control);
  if (absolute) return `${origin(base)}${absolute[1] ?? '/'}`;
  // Appended, not resolved as RFC 3986 would: cameras put the track after a query string and mean it.
  return `${base.replace(/\/$/, '')}/${control.replace(/^\//, '')}`;
}

/** The base of a description's controls, moved onto the camera's own host. */
export function contentBase(cameraUrl: string, named: string | undefined): string {
  const path = named === undefined ? undefined : /^rtsps?:\/\/[^/]*(\/.*)?$/i.exec(named);
  return path ? `${origin(cameraUrl)}${path[1] ?? '/'}` : cameraUrl;
}

function origin(url: string): string {
  return /^(rtsps?:\/\/[^/]*)/i.exec(url)?.[1] ?? url;
}
