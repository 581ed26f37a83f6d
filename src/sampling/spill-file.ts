import { randomUUID } from 'node:crypto';
import { closeSync, mkdirSync, openSync, readSync, unlinkSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** Bytes of the file that hang together. */
export interface Region {
  readonly at: number;
  readonly bytes: number;
}

/**
 * A file as a ring: what is added first is dropped first. It has no name: it goes with the process, however that ends, and
 * nobody else can open it. All methods are synchronous.
 */
export class SpillFile {
  private readonly file: number;
  /** The oldest first. */
  private readonly regions: Region[] = [];
  private held = 0;

  /** @throws Error of Node when the directory cannot be made or written to */
  constructor(
    directory: string,
    private readonly maxBytes: number,
  ) {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    const path = join(directory, `${process.pid}-${randomUUID()}.spill`);
    this.file = openSync(path, 'wx+', 0o600);
    unlinkSync(path);
  }

  /** Bytes of all regions. */
  get bytes(): number {
    return this.held;
  }

  /** Whether there will be room for so many bytes once all else is dropped. */
  canHold(bytes: number): boolean {
    return bytes <= this.maxBytes;
  }

  /**
   * @returns undefined when older regions have to be dropped first
   * @throws Error of Node when the disk does not take it; nothing is added then
   */
  add(data: Buffer): Region | undefined {
    const at = this.roomFor(data.length);
    if (at === undefined) return undefined;
    for (let done = 0; done < data.length;) {
      done += writeSync(this.file, data, done, data.length - done, at + done);
    }
    const region = { at, bytes: data.length };
    this.regions.push(region);
    this.held += region.bytes;
    return region;
  }

  /** @throws Error when the disk does not give it back */
  read({ at, bytes }: Region): ArrayBuffer {
    const memory = new ArrayBuffer(bytes);
    for (let done = 0; done < bytes;) {
      const read = readSync(this.file, new Uint8Array(memory, done), { position: at + done });
      if (read === 0) throw new Error('a file of spans ends early');
      done += read;
    }
    return memory;
  }

  dropOldest(): void {
    this.held -= this.regions.shift()?.bytes ?? 0;
  }

  close(): void {
    closeSync(this.file);
  }

  /** Where so many bytes fit: behind the newest region, or, when the end of the file is near, from its beginning on. */
  private roomFor(bytes: number): number | undefined {
    const oldest = this.regions[0];
    const newest = this.regions[this.regions.length - 1];
    if (!oldest || !newest) return this.canHold(bytes) ? 0 : undefined;
    const end = newest.at + newest.bytes;
    if (newest.at < oldest.at) return end + bytes <= oldest.at ? end : undefined;
    if (end + bytes <= this.maxBytes) return end;
    return bytes <= oldest.at ? 0 : undefined;
  }
}
