import { describe, expect, it } from 'vitest';
import { formatTraceparent, parseTraceparent } from '../../src/propagation/traceparent.js';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const SPAN = '00f067aa0ba902b7';
const valid = `00-${TRACE}-${SPAN}-01`;

describe('a traceparent is read', () => {
  it.each([
    ['of version 00', valid, 1],
    ['not sampled', `00-${TRACE}-${SPAN}-00`, 0],
    ['with the random bit', `00-${TRACE}-${SPAN}-03`, 3],
    ['with unknown bits, which become 0', `00-${TRACE}-${SPAN}-ff`, 3],
    ['with spaces and tabs around it', ` \t${valid}\t `, 1],
    ['of a higher version, as long as version 00', `cc-${TRACE}-${SPAN}-01`, 1],
    ['of a higher version, with more fields', `cc-${TRACE}-${SPAN}-01-what-the-future-brings`, 1],
    ['of a higher version, with an empty further field', `cc-${TRACE}-${SPAN}-01-`, 1],
  ])('%s', (_, header, flags) => {
    expect(parseTraceparent(header)).toEqual({ traceId: TRACE, spanId: SPAN, traceFlags: flags, isRemote: true });
  });
});

describe('a traceparent starts a new trace when', () => {
  it.each([
    ['it is empty', ''],
    ['it is garbage', 'garbage'],
    ['its version is ff', `ff-${TRACE}-${SPAN}-01`],
    ['its version has capitals', `CC-${TRACE}-${SPAN}-01`],
    ['version 00 has more fields', `${valid}-extra`],
    ['version 00 is followed by anything', `${valid}0`],
    ['a higher version is followed by anything but a dash', `cc-${TRACE}-${SPAN}-01.more`],
    ['the trace id is all zero', `00-${'0'.repeat(32)}-${SPAN}-01`],
    ['the span id is all zero', `00-${TRACE}-${'0'.repeat(16)}-01`],
    ['the trace id is short', `00-${TRACE.slice(1)}-${SPAN}-01`],
    ['the trace id is long', `00-${TRACE}0-${SPAN}-01`],
    ['the trace id has capitals', `00-${TRACE.toUpperCase()}-${SPAN}-01`],
    ['the trace id is not hex', `00-${TRACE.slice(1)}g-${SPAN}-01`],
    ['the span id is short', `00-${TRACE}-${SPAN.slice(1)}-01`],
    ['the span id has capitals', `00-${TRACE}-${SPAN.toUpperCase()}-01`],
    ['the flags are not hex', `00-${TRACE}-${SPAN}-0x`],
    ['the flags are short', `00-${TRACE}-${SPAN}-1`],
    ['the flags have capitals', `00-${TRACE}-${SPAN}-0A`],
    ['dashes are missing', valid.replaceAll('-', '_')],
    ['two values are joined', `${valid},${valid}`],
  ])('%s', (_, header) => {
    expect(parseTraceparent(header)).toBeUndefined();
  });
});

it('a traceparent is written in version 00, with the sampled and random bits as they are and no others', () => {
  const span = { traceId: TRACE, spanId: SPAN };
  expect(formatTraceparent({ ...span, traceFlags: 0 })).toBe(`00-${TRACE}-${SPAN}-00`);
  expect(formatTraceparent({ ...span, traceFlags: 3 })).toBe(`00-${TRACE}-${SPAN}-03`);
  expect(formatTraceparent({ ...span, traceFlags: 0xff })).toBe(`00-${TRACE}-${SPAN}-03`);
});
