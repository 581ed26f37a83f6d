import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { unpack, pack } from 'msgpackr';
import { describe, expect, it } from 'vitest';
import { decodeEnvelope, encodeEnvelope } from '../../adapters/redis/index.js';
import { hasTraceFields, takeTraceFields } from '../../adapters/redis/stream-fields.js';

type Headers = Record<string, string | null>;
interface Vectors {
  envelopes: { name: string; headers: Record<string, string>; payload: string; envelope: string }[];
  readable: { name: string; envelope: string; headers: Headers; payload: string }[];
  passedThrough: { name: string; bytes: string }[];
  streams: { name: string; fields: string[]; visible: string[]; headers: Record<string, string> | null }[];
}

const DOCS = join(import.meta.dirname, '../../docs');
const vectors = JSON.parse(readFileSync(join(DOCS, 'wire-format.vectors.json'), 'utf8')) as Vectors;
const bytes = (hex: string): Buffer => Buffer.from(hex, 'hex');

describe('the envelope', () => {
  it.each(vectors.envelopes)('is written as its vector: $name', ({ headers, payload, envelope }) => {
    expect(encodeEnvelope(headers, bytes(payload)).toString('hex')).toBe(envelope);
  });

  it.each([...vectors.envelopes, ...vectors.readable])('is read as its vector: $name', (vector) => {
    const read = decodeEnvelope(bytes(vector.envelope))!;
    expect(read.payload.toString('hex')).toBe(vector.payload);
    for (const [name, value] of Object.entries(vector.headers)) {
      if (value === null) expect(read.get(name)).toBeInstanceOf(Array);
      else expect(read.get(name)).toBe(value);
    }
  });

  it.each(vectors.passedThrough)('is not: $name', ({ bytes: hex }) => {
    expect(decodeEnvelope(bytes(hex))).toBeUndefined();
  });

  it.each(vectors.envelopes)('is msgpack to a msgpack library: $name', ({ headers, payload, envelope }) => {
    const [readHeaders, readPayload] = unpack(bytes(envelope).subarray(4)) as [Record<string, string>, Buffer];
    expect({ ...readHeaders }).toEqual(headers);
    expect(readPayload.toString('hex')).toBe(payload);
    const theirs = Buffer.concat([bytes('c1736201'), pack([headers, bytes(payload)])]);
    const read = decodeEnvelope(theirs)!;
    expect(read.payload.toString('hex')).toBe(payload);
    for (const [name, value] of Object.entries(headers)) expect(read.get(name)).toBe(value);
  });

  it('takes text as UTF-8, and leaves out a header that no reader would take', () => {
    const read = decodeEnvelope(encodeEnvelope({ long: 'x'.repeat(20_000), kept: 'y' }, 'Grüße'))!;
    expect([read.payload.toString(), read.get('long'), read.get('kept'), read.keys()]).toEqual([
      'Grüße',
      undefined,
      'y',
      ['kept'],
    ]);
  });
});

describe('fields of a stream’s entry', () => {
  it.each(vectors.streams)('are read as their vector: $name', ({ fields, visible, headers }) => {
    const own = [...fields];
    const carrier = takeTraceFields(own);
    expect(own).toEqual(visible);
    expect(carrier && Object.fromEntries(carrier.keys().map((key) => [key, carrier.get(key)]))).toEqual(
      headers ?? undefined,
    );
    expect(hasTraceFields(fields)).toBe(fields.length > 2);
  });
});

const PYTHON_TEST = `
import json, sys
vectors = json.load(open(sys.argv[1]))
for v in vectors["envelopes"]:
    assert encode(v["headers"], bytes.fromhex(v["payload"])).hex() == v["envelope"], v["name"]
for v in vectors["envelopes"] + vectors["readable"]:
    assert decode(bytes.fromhex(v["envelope"])) == (v["headers"], bytes.fromhex(v["payload"])), v["name"]
for v in vectors["passedThrough"]:
    assert decode(bytes.fromhex(v["bytes"])) == (None, bytes.fromhex(v["bytes"])), v["name"]
print(len(vectors["envelopes"]), "written and read")
`;

describe('the Python in the docs', () => {
  const text = readFileSync(join(DOCS, 'wire-format.md'), 'utf8');
  const code = /```python\n([\s\S]*?)```/.exec(text)![1]!;

  it('has at most thirty lines', () => {
    expect(
      code
        .trim()
        .split('\n')
        .filter((line) => line.trim() !== '').length,
    ).toBeLessThanOrEqual(30);
  });

  it('reads and writes the vectors', () => {
    const args = ['-c', code + PYTHON_TEST, join(DOCS, 'wire-format.vectors.json')];
    const run = spawnSync('python3', args, { encoding: 'utf8', timeout: 20_000 });
    expect(run.stderr).toBe('');
    expect(run.stdout).toBe(`${vectors.envelopes.length} written and read\n`);
  });
});
