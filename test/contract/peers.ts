import assert from 'node:assert/strict';
import type { TestFramework } from './adapter.js';
import { Inbox, type Stage } from './stage.js';

const EVERY_BYTE = Uint8Array.from({ length: 256 }, (_, i) => i);
const MEGABYTE = Buffer.alloc(1_000_000, 'spanbus ');

const id = (digit: string, count: number): string => digit.repeat(count);

/** Headers of strangers: each has to lead to a new trace, and to nothing else. */
const HOSTILE_HEADERS: Record<string, Record<string, string>> = {
  'a traceparent that is none': { traceparent: 'garbage' },
  'a traceparent of zeros': { traceparent: `00-${id('0', 32)}-${id('0', 16)}-01` },
  'the forbidden version': { traceparent: `ff-${id('a', 32)}-${id('b', 16)}-01` },
  'capitals in an id': { traceparent: `00-${id('A', 32)}-${id('b', 16)}-01` },
  'a very long traceparent': { traceparent: id('0', 10_000) },
  'a tracestate without traceparent': { tracestate: 'a=1' },
  'names of the language': { constructor: 'x', toString: 'y', hasOwnProperty: 'z' },
  'baggage that is none': { baggage: `${id('=', 1000)};;;,,,%%%` },
};

/** Payloads that resemble what a wire format looks for. */
const HOSTILE_PAYLOADS: Record<string, Uint8Array> = {
  nothing: new Uint8Array(),
  'every byte': EVERY_BYTE,
  'text that is not UTF-8': Buffer.from([0xff, 0xfe, 0xc1, 0x80]),
  'the start of an envelope': Buffer.from([0xc1, 0x73, 0x62, 0x01]),
  'an envelope that claims to be longer': Buffer.from([
    0xc1, 0x73, 0x62, 0x01, 0x92, 0x80, 0xc6, 0xff, 0xff, 0xff, 0xff,
  ]),
  'an envelope of another version': Buffer.from([0xc1, 0x73, 0x62, 0x02, 0x92, 0x80, 0xc4, 0x00]),
  'an envelope and a byte': Buffer.from([0xc1, 0x73, 0x62, 0x01, 0x92, 0x80, 0xc4, 0x00, 0x00]),
  'a msgpack map': Buffer.from([0x81, 0xa1, 0x61, 0x01]),
  JSON: Buffer.from('{"__proto__":{"polluted":true}}'),
  'lines of a protocol': Buffer.from('\r\n$5\r\nhello\r\nNATS/1.0\r\n\r\n'),
};

/** Messages to and from peers without spanbus, and messages that nobody should send. */
export function peerTests(stage: Stage, { it }: TestFramework): void {
  it('reaches a peer without tracing, unaltered', async () => {
    const to = stage.destination('plain-peer');
    const inbox = new Inbox();
    await stage.plain.subscribe(to, inbox.handler);
    const data = Uint8Array.from(EVERY_BYTE);
    await stage.traced.publish(to, data);
    assert.deepEqual((await inbox.wait(1))[0], Buffer.from(EVERY_BYTE));
    assert.deepEqual(data, EVERY_BYTE, 'the sender’s own bytes');
  });

  it('takes messages of a peer without tracing, unaltered, and starts a trace with them', async () => {
    const to = stage.destination('from-plain');
    const inbox = new Inbox();
    await stage.other.subscribe(to, inbox.handler);
    await stage.plain.publish(to, EVERY_BYTE);
    assert.deepEqual((await inbox.wait(1))[0], Buffer.from(EVERY_BYTE));
    const span = await stage.span(`process ${to}`);
    assert.equal(span.parentSpanId, '');
  });

  it('loses nothing in a fleet where some trace and some do not', async () => {
    const to = stage.destination('plain-mixed');
    const inbox = new Inbox();
    await stage.other.subscribe(to, inbox.handler);
    for (let i = 0; i < 20; i++) {
      await stage.traced.publish(to, Buffer.from(`traced ${i}`));
      await stage.plain.publish(to, Buffer.from(`plain ${i}`));
    }
    const expected = Array.from({ length: 20 }, (_, i) => [`traced ${i}`, `plain ${i}`]).flat();
    assert.deepEqual((await inbox.wait(40)).map(String).sort(), expected.sort());
  });

  for (const [what, payload] of Object.entries({ ...HOSTILE_PAYLOADS, 'a megabyte': MEGABYTE })) {
    it(`carries a payload byte for byte: ${what}`, async () => {
      const to = stage.destination('payload');
      const inbox = new Inbox();
      await stage.other.subscribe(to, inbox.handler);
      await stage.traced.publish(to, payload);
      await inbox.wait(1);
      await stage.plain.publish(to, payload);
      const [traced, plain] = await inbox.wait(2);
      assert.ok(traced!.equals(payload), 'from a traced sender');
      assert.ok(plain!.equals(payload), 'from a plain sender');
      assert.equal(({} as { polluted?: boolean }).polluted, undefined);
    });
  }

  for (const [what, headers] of Object.entries(HOSTILE_HEADERS)) {
    it(`starts a new trace at ${what}`, async () => {
      const to = stage.destination('hostile');
      const inbox = new Inbox();
      await stage.other.subscribe(to, inbox.handler);
      await stage.plain.publish(to, Buffer.from('x'), headers);
      assert.equal((await inbox.wait(1))[0]!.toString(), 'x');
      const span = await stage.span(`process ${to}`);
      assert.equal(span.parentSpanId, '');
      assert.match(span.traceId, /^[0-9a-f]{32}$/);
      assert.notEqual(span.traceId, id('0', 32));
    });
  }
}
