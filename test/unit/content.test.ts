import { SpanStatusCode } from '@opentelemetry/api';
import { afterEach, describe, expect, it, vi } from 'vitest';
import {
  capturesContent,
  createTracing,
  executeTool,
  inference,
  type Tracing,
  type TracingOptions,
} from '../../src/index.js';
import { isContentKey } from '../../src/content/content-keys.js';
import { cutText } from '../../src/content/cut-text.js';
import { redactSecrets } from '../../src/content/secrets.js';
import { isShared } from '../../src/trace/attributes.js';
import { stopTracing } from './stop-tracing.js';
import { MemorySink } from './support.js';

let tracing: Tracing | undefined;
afterEach(() => stopTracing(tracing));

function start(options: Partial<TracingOptions> = {}) {
  const sink = new MemorySink();
  const mine = createTracing({ service: 'content', sink, ...options }).register();
  tracing = mine;
  return {
    tracer: mine.tracer,
    span: async () => {
      await mine.forceFlush();
      expect(sink.spans).toHaveLength(1);
      return sink.spans[0]!;
    },
  };
}

describe('what looks like a secret', () => {
  it.each([
    ['use sk-proj-Ab3dEf6hIj9kLmNoPq now', 'use [redacted key] now'],
    ['ghp_0123456789abcdefghijABCDEFGHIJ', '[redacted key]'],
    ['xghp_0123456789abcdefghijABCDEFGHIJ', 'x[redacted key]'],
    ['AKIAIOSFODNN7EXAMPLE', '[redacted key]'],
    ['Authorization: Bearer abc.DEF123456789xyz', 'Authorization: Bearer [redacted token]'],
    ['eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl', '[redacted token]'],
    ['{"api_key":"hunter22"}', '{"api_key":"[redacted]"}'],
    ['{\\"password\\": \\"hunter22\\"}', '{\\"password\\": \\"[redacted]\\"}'],
    ['DB_PASSWORD=hunter22 node', 'DB_PASSWORD=[redacted] node'],
    ['postgres://app:hunter22@db:5432/x', 'postgres://app:[redacted password]@db:5432/x'],
    ['card 4111 1111 1111 1111, exp 12/30', 'card [redacted card], exp 12/30'],
    ['amex 378282246310005', 'amex [redacted card]'],
    ['mail to jane.doe+x@example.co.uk.', 'mail to [redacted e-mail].'],
    ['-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----', '[redacted private key]'],
    ['-----BEGIN PRIVATE KEY-----\nMIIE', '[redacted private key]'],
  ])('is replaced: %s', (text, redacted) => expect(redactSecrets(text)).toBe(redacted));

  it.each([
    '{"max_tokens":1000,"token_count":5,"input_tokens":7}',
    'highs_and_lows_of_the_whole_day',
    'a token bucket, basic arithmetic, a bearer of news',
    'npm i @scope/package@1.2.3',
    '1700000000000000000 ns, order 4111111111111112',
    '0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331',
    'at file:///srv/app/node_modules/x@1.0.0/index.js:10:5',
    'Lead with the finding, then the evidence.',
  ])('is not: %s', (text) => expect(redactSecrets(text)).toBe(text));

  it('is found in linear time, whatever a stranger sends', () => {
    const parts = [
      'a',
      'eyJ',
      'eyJ.',
      'password',
      'password=',
      'a@',
      'a@b.',
      '4111-',
      'sk-',
      'ghp_',
      'bearer ',
      '://a:',
      '\\"',
    ];
    for (const part of [...parts, '-----BEGIN PRIVATE KEY-----', '"token":"', 'pwd:    ', 'x@y.z.w.v.']) {
      const text = part.repeat(Math.ceil(200_000 / part.length));
      const started = performance.now();
      redactSecrets(text);
      expect(performance.now() - started, part).toBeLessThan(1000);
    }
  });
});

describe('names', () => {
  const KEY = 'sk-proj-AbCdEfGhIjKlMnOpQrSt';

  it('of attributes, events and content hold no secrets either', async () => {
    const { tracer, span } = start({ capture: { content: true } });
    const open = tracer.startSpan('s', {
      attributes: { [`k ${KEY}`]: 1, kept: 'x', [`ai.prompt.${KEY}`]: 'hi' },
      links: [
        {
          context: { traceId: '1'.repeat(32), spanId: '2'.repeat(16), traceFlags: 1 },
          attributes: { [KEY]: 'x' },
        },
      ],
    });
    open.addEvent('xghp_0123456789abcdefghijABCDEFGHIJ', { [`e ${KEY}`]: true }).end();
    const ended = await span();
    expect(ended.attributes).toEqual({ 'k [redacted key]': 1, kept: 'x' });
    expect(ended.events.map((e) => [e.name, e.attributes])).toEqual([
      ['x[redacted key]', { 'e [redacted key]': true }],
    ]);
    expect(ended.links[0]!.attributes).toEqual({ '[redacted key]': 'x' });
    expect(ended.content).toEqual([{ key: 'ai.prompt.[redacted key]', value: 'hi' }]);
  });

  it.each(
    [
      'password',
      'db.password',
      'DB_PASSWORD',
      'x-api-key',
      'openai.api_key',
      'apiKey',
      'http.request.header.cookie',
    ].concat([
      'authorization',
      'aws.access_key',
      'my_private_key',
      'client.secret',
      'auth_token',
      'pwd',
      'passwd',
      'passphrase',
    ]),
  )('tell that a bare value is a secret: %s', async (key) => {
    const { tracer, span } = start();
    const open = tracer.startSpan('s', { attributes: Object.freeze({ [key]: 'hunter2hunter2' }) });
    open.addEvent('e', { [key]: ['hunter2hunter2'] }).end();
    const ended = await span();
    expect([ended.attributes, ended.events[0]!.attributes]).toEqual([
      { [key]: '[redacted]' },
      { [key]: ['[redacted]'] },
    ]);
  });

  it('tell so of numbers too, but not of counts, flags, and what only sounds alike', async () => {
    const { tracer, span } = start();
    const harmless = {
      'gen_ai.usage.input_tokens': 7,
      max_tokens: 9,
      'cost.per.token': 0.1,
      'usage.token': 'input',
      'has.cookie': true,
      secretary: 'Ann',
      'password.length': '14',
      'db.secret': '',
    };
    tracer.startSpan('s', { attributes: { ...harmless, password: 12345678, 'old.pwd': [1234, 5678] } }).end();
    expect((await span()).attributes).toEqual({ ...harmless, password: '[redacted]', 'old.pwd': '[redacted]' });
  });

  it('are left alone when nobody wants them redacted', async () => {
    const { tracer, span } = start({ capture: { redactSecrets: false } });
    tracer.startSpan('s', { attributes: { password: 'hunter2', [KEY]: 1 } }).end();
    expect((await span()).attributes).toEqual({ password: 'hunter2', [KEY]: 1 });
  });

  it('that hide their value keep attributes from being shared by spans', async () => {
    const shared = Object.freeze({ 'messaging.system': 'nats' });
    const telling = Object.freeze({ 'messaging.system': 'nats', 'db.password': 'hunter2hunter2' });
    expect([isShared(shared), isShared(telling)]).toEqual([true, false]);
    const { tracer, span } = start({});
    tracer.startSpan('s', { attributes: telling }).end();
    expect((await span()).attributes).toEqual({ 'messaging.system': 'nats', 'db.password': '[redacted]' });
  });

  it('and values of shared attributes are the user’s to redact as any others', async () => {
    const shared = Object.freeze({ 'messaging.system': 'nats' });
    const { tracer, span } = start({ capture: { redact: (_, value) => value.replace('nats', 'bus') } });
    tracer.startSpan('s', { attributes: shared }).end();
    expect((await span()).attributes).toEqual({ 'messaging.system': 'bus' });
    expect(shared).toEqual({ 'messaging.system': 'nats' });
  });
});

describe('content', () => {
  it.each([
    'gen_ai.input.messages',
    'gen_ai.prompt.0.content',
    'ai.prompt.messages',
    'ai.toolCall.args',
    'input.value',
    'llm.input_messages.0.message.content',
    'retrieval.documents.0.document.content',
    'traceloop.entity.input',
  ])('is what %s holds', (key) => expect(isContentKey(key)).toBe(true));

  it.each([
    'gen_ai.request.model',
    'ai.model.id',
    'llm.token_count.prompt',
    'input.mime_type',
    'gen_ai.usage.input_tokens',
  ])('is not what %s holds', (key) => expect(isContentKey(key)).toBe(false));

  it('is dropped when nobody asked for it, at the start, later, in events and links, frozen or not', async () => {
    const { tracer, span } = start();
    const open = tracer.startSpan('s', {
      attributes: Object.freeze({ 'gen_ai.input.messages': 'planted', kept: 1 }),
      links: [
        {
          context: { traceId: '1'.repeat(32), spanId: '2'.repeat(16), traceFlags: 1 },
          attributes: { 'output.value': 'planted' },
        },
      ],
    });
    open.setAttribute('ai.prompt', 'planted').addEvent('gen_ai.user.message', { content: 'planted', role: 'user' });
    open.addEvent('gen_ai.content.prompt', { 'gen_ai.prompt': 'planted' }).end();
    const ended = await span();
    expect(ended.attributes).toEqual({ kept: 1 });
    expect(ended.events.map((e) => e.attributes)).toEqual([{ role: 'user' }, {}]);
    expect(ended.content).toBeUndefined();
    expect(ended.links[0]!.attributes).toEqual({});
    expect(capturesContent()).toBe(false);
  });

  it('goes with the span, apart from its attributes, when somebody asked', async () => {
    const { tracer, span } = start({ capture: { content: true } });
    expect(capturesContent()).toBe(true);
    const open = tracer.startSpan('s', { attributes: { 'gen_ai.input.messages': 'hello', kept: 1 } });
    open.addEvent('gen_ai.choice', { message: 'hi there', index: 0 });
    open.end();
    const ended = await span();
    expect(ended.attributes).toEqual({ kept: 1 });
    expect(ended.events[0]!.attributes).toEqual({ index: 0 });
    expect(ended.content).toEqual([
      { key: 'gen_ai.input.messages', value: 'hello' },
      { key: 'gen_ai.choice.message', value: 'hi there' },
    ]);
    await stopTracing(tracing);
    expect(capturesContent()).toBe(false);
  });

  it('is asked for by OpenTelemetry’s environment variable', async () => {
    vi.stubEnv('OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT', 'true');
    start();
    vi.unstubAllEnvs();
    expect(capturesContent()).toBe(true);
  });

  it('is arguments and results of tools, prompts of models', async () => {
    const tool = start({ capture: { content: true } });
    await executeTool('search', async () => ({ found: 2n }), { arguments: { q: 'otters' } });
    expect((await tool.span()).content).toEqual([
      { key: 'gen_ai.tool.call.arguments', value: '{"q":"otters"}' },
      { key: 'gen_ai.tool.call.result', value: '{"found":"2"}' },
    ]);
    await stopTracing(tracing);
    const chat = start({ capture: { content: true } });
    const loop: Record<string, unknown> = {};
    loop['loop'] = loop;
    inference({ model: 'm', messages: [{ role: 'user' }], system: loop }, () => 1);
    expect((await chat.span()).content).toEqual([{ key: 'gen_ai.input.messages', value: '[{"role":"user"}]' }]);
  });

  it('is cut at a number of bytes, between characters, with a mark', async () => {
    const { tracer, span } = start({ capture: { content: true, maxContentBytes: 10 } });
    tracer.startSpan('s', { attributes: { 'ai.prompt': 'ääääää', 'ai.response.text': 'short' } }).end();
    expect((await span()).content).toEqual([
      { key: 'ai.prompt', value: 'äääää… [cut: 10 of 12 bytes]' },
      { key: 'ai.response.text', value: 'short' },
    ]);
    expect(cutText('aää', 2)).toBe('a… [cut: 1 of 5 bytes]');
  });

  it('is not cut through a secret: half of one is none', async () => {
    const { tracer, span } = start({ capture: { content: true, maxContentBytes: 100 } });
    const secret = `sk-${'A1b2'.repeat(20)}`;
    for (const before of [20, 90, 99]) {
      const sink = new MemorySink();
      const own = createTracing({ sink, capture: { content: true, maxContentBytes: 100 } });
      const text = `${'x'.repeat(before - 1)} ${secret} ${'y'.repeat(9000)}`;
      own.tracer.startSpan('s', { attributes: { 'ai.prompt': text } }).end();
      await own.forceFlush();
      expect(sink.spans[0]!.content![0]!.value).not.toMatch(/sk-A1|A1b2/);
      await own.shutdown();
    }
    // where the part that is kept at first ends in a secret
    const text = `${'4111 1111 1111 1111 '.repeat(200)}${'z'.repeat(100 + 4096 - 4000 - 10)} ${secret}`;
    tracer.startSpan('s', { attributes: { 'ai.prompt': text } }).end();
    expect((await span()).content![0]!.value).not.toMatch(/sk-A|4111/);
  });
});

describe('redact', () => {
  it('sees every text before it is queued, changes it, or drops it', async () => {
    const seen: string[] = [];
    const { tracer, span } = start({
      capture: {
        content: true,
        redact: (key, value) => {
          seen.push(key);
          return key === 'drop.me' ? undefined : value.replaceAll('Zebulon', 'Z.');
        },
      },
    });
    const open = tracer.startSpan('about Zebulon', {
      attributes: Object.freeze({ patient: 'Zebulon', 'drop.me': 'x', count: 1 }),
    });
    open.setAttribute('list', ['Zebulon', 'b']).setAttribute('input.value', 'dear Zebulon');
    open.recordException(new Error('no Zebulon'));
    open.setStatus({ code: SpanStatusCode.ERROR, message: 'Zebulon is gone' }).end();
    const ended = await span();
    expect(JSON.stringify([ended.name, ended.attributes, ended.events, ended.status, ended.content])).not.toContain(
      'Zebulon',
    );
    expect(ended.attributes).toEqual({ patient: 'Z.', count: 1, list: ['Z.', 'b'] });
    expect(ended.content).toEqual([{ key: 'input.value', value: 'dear Z.' }]);
    expect(seen).toEqual(expect.arrayContaining(['span.name', 'patient', 'exception.message', 'status.message']));
  });

  it('that fails stores nothing of what it was asked about, and breaks nothing', async () => {
    const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    const { tracer, span } = start({
      capture: {
        content: true,
        redact: () => {
          throw new Error('oops');
        },
      },
    });
    tracer.startSpan('s', { attributes: { a: 'Zebulon', 'ai.prompt': 'Zebulon' } }).end();
    const ended = await span();
    expect([ended.attributes, ended.content]).toEqual([
      { a: '[redact failed]' },
      [{ key: 'ai.prompt', value: '[redact failed]' }],
    ]);
    expect(warned).toHaveBeenCalledTimes(1);
    warned.mockRestore();
  });

  it('can be the only one', async () => {
    const { tracer, span } = start({ capture: { redactSecrets: false } });
    tracer.startSpan('s', { attributes: { mail: 'a@example.com' } }).end();
    expect((await span()).attributes).toEqual({ mail: 'a@example.com' });
  });
});
