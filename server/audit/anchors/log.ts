import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Signer } from './keys.ts';
import { type AnchorDraft, FIRST_PREV, lineHash, parseLine, sealLine } from './line.ts';

const FILE = /^anchors-\d{4}-\d{2}\.jsonl$/;

/** The files of a folder that hold anchors, oldest first. */
export function anchorFiles(folder: string): string[] {
  return existsSync(folder)
    ? readdirSync(folder)
        .filter((file) => FILE.test(file))
        .sort()
    : [];
}

export function readAnchorFiles(folder: string): { file: string; text: string }[] {
  return anchorFiles(folder).map((file) => ({ file, text: readFileSync(join(folder, file), 'utf8') }));
}

interface AnchorHead {
  seq: number;
  /** Hexadecimal; null after a restoration to an empty chain. */
  hash: string | null;
}

export interface AnchorLog {
  /** What was anchored last, by chain. */
  heads: ReadonlyMap<string, AnchorHead>;
  /** Seals the lines, appends them and waits for the disk. Returns the texts. */
  append(drafts: readonly AnchorDraft[]): string[];
  /** When the last line was written, by us or an earlier run. */
  lastAt(): string | undefined;
  /** The file that is written now, or undefined before the first line. */
  currentFile(): string | undefined;
}

/**
 * The append-only files `anchors-YYYY-MM.jsonl` (UTC). A new month begins a new file, whose first line links to the
 * last line of the one before and repeats the heads, so that a start reads one file only. When the clock goes back,
 * the youngest file goes on.
 */
export function openAnchorLog(options: { folder: string; signer: Signer; nowMs: () => number }): AnchorLog {
  const { folder, signer, nowMs } = options;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const heads = new Map<string, AnchorHead>();
  let prev = FIRST_PREV;
  let file: string | undefined;
  let lastAt: string | undefined;
  let isTorn = false;

  const load = () => {
    heads.clear();
    prev = FIRST_PREV;
    file = anchorFiles(folder).at(-1);
    if (file === undefined) return;
    const text = readFileSync(join(folder, file), 'utf8');
    isTorn = text !== '' && !text.endsWith('\n');
    for (const content of text.split('\n')) {
      const line = parseLine(content)?.line;
      if (!line) continue;
      prev = lineHash(content);
      lastAt = line.at;
      if (line.type === 'open')
        for (const [chain, head] of Object.entries(line.heads)) heads.set(chain, head);
      else if (line.type !== 'close') heads.set(line.chain, { seq: line.seq, hash: line.hash });
    }
  };
  load();

  const seal = (draft: AnchorDraft): string => {
    const text = sealLine(draft, prev, signer);
    prev = lineHash(text);
    return text;
  };

  const write = (name: string, texts: readonly string[]) => {
    const path = join(folder, name);
    const isNew = !existsSync(path);
    // O_APPEND: whatever else has the file open, a line goes to the end.
    const handle = openSync(path, 'a', 0o600);
    try {
      const lead = isTorn ? '\n' : '';
      writeSync(handle, `${lead}${texts.join('\n')}\n`);
      isTorn = false;
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
    if (isNew) syncFolder(folder);
  };

  return {
    heads,
    lastAt: () => lastAt,
    currentFile: () => file,
    append(drafts) {
      if (drafts.length === 0) return [];
      const at = new Date(nowMs()).toISOString();
      const month = `anchors-${at.slice(0, 7)}.jsonl`;
      const texts: string[] = [];
      try {
        if (file === undefined || month > file) {
          file = month;
          isTorn = false;
          const known = [...heads].flatMap(([chain, { seq, hash }]) =>
            hash === null ? [] : [[chain, { seq, hash }] as const],
          );
          texts.push(seal({ type: 'open', at, heads: Object.fromEntries(known) }));
        }
        for (const draft of drafts) {
          texts.push(seal(draft));
          if (draft.type === 'anchor' || draft.type === 'restored')
            heads.set(draft.chain, { seq: draft.seq, hash: draft.hash });
        }
        write(file, texts);
        lastAt = at;
      } catch (error) {
        // How much of it reached the disk, the disk says.
        load();
        throw error;
      }
      return texts;
    },
  };
}

/** A new name in a folder is on the disk only when the folder is. */
function syncFolder(folder: string): void {
  const handle = openSync(folder, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
