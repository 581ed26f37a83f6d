import { mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { EncodedBatch } from './clickhouse-sink.js';

/** A batch in the directory; its file's name says all that is asked without opening it. */
export interface SpooledBatch {
  readonly file: string;
  readonly bytes: number;
  readonly spans: number;
}

/** No write takes so long. */
const HALF_WRITTEN_MS = 60_000;
const NAME = /^(\d{14})-(\d{6})-([0-9a-f-]{36})-(\d+)-(\d+)\.batch$/;

/**
 * A directory of batches that wait for ClickHouse, one file each, the oldest first. Several processes may share it, and a later one
 * finds what an earlier one left: a batch that is sent by two of them is stored once, for its token is in the file.
 */
export class Spool {
  private sequence = 0;

  /**
   * @param maxBytes bound on all files together
   * @throws Error of Node when the directory cannot be made
   */
  constructor(
    readonly directory: string,
    private readonly maxBytes: number,
  ) {
    // what is in it was told in confidence
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    // what a process that was killed had half written
    for (const file of readdirSync(directory).filter((name) => name.endsWith('.part'))) {
      const { mtimeMs } = statSync(join(directory, file), { throwIfNoEntry: false }) ?? { mtimeMs: Infinity };
      if (Date.now() - mtimeMs > HALF_WRITTEN_MS) rmSync(join(directory, file), { force: true });
    }
  }

  /** What waits, in the order in which it came. */
  list(): SpooledBatch[] {
    return readdirSync(this.directory)
      .filter((file) => NAME.test(file))
      .sort()
      .map((file) => {
        const [, , , , bytes, spans] = NAME.exec(file)!;
        return { file, bytes: Number(bytes), spans: Number(spans) };
      });
  }

  /** @returns whether there was room for it; @throws Error of Node when the disk will not have it */
  async write({ token, spans, body, content }: EncodedBatch): Promise<boolean> {
    const head = Buffer.alloc(4);
    head.writeUInt32LE(body.length);
    const data = Buffer.concat([head, body, content ?? Buffer.alloc(0)]);
    const used = this.list().reduce((sum, { bytes }) => sum + bytes, 0);
    if (used + data.length > this.maxBytes) return false;
    const time = String(Date.now()).padStart(14, '0');
    const number = String(this.sequence++ % 1e6).padStart(6, '0');
    const path = join(this.directory, `${time}-${number}-${token}-${data.length}-${spans}.batch`);
    try {
      await writeWhole(`${path}.part`, data);
      // whoever reads it sees all of it or nothing
      await rename(`${path}.part`, path);
    } catch (error) {
      // half a batch must not keep a full disk full
      await rm(`${path}.part`, { force: true });
      throw error;
    }
    return true;
  }

  /** The batch as it was written; `gone` when another process has sent and removed it, `torn` when a disk has not kept it whole. */
  async read({ file, bytes, spans }: SpooledBatch): Promise<EncodedBatch | 'gone' | 'torn'> {
    const data = await readFile(join(this.directory, file)).catch(() => undefined);
    if (!data) return 'gone';
    if (data.length !== bytes || bytes < 4) return 'torn';
    const end = 4 + data.readUInt32LE();
    if (end > bytes) return 'torn';
    const token = NAME.exec(file)![3]!;
    return { token, spans, body: data.subarray(4, end), content: end < bytes ? data.subarray(end) : undefined };
  }

  async remove({ file }: SpooledBatch): Promise<void> {
    await rm(join(this.directory, file), { force: true });
  }
}

async function writeWhole(path: string, data: Buffer): Promise<void> {
  const file = await open(path, 'w', 0o600);
  try {
    await file.writeFile(data);
    await file.sync();
  } finally {
    await file.close();
  }
}
