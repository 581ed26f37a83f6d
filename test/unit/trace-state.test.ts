import { describe, expect, it } from 'vitest';
import { W3CTraceState } from '../../src/propagation/trace-state.js';

const roundTrip = (header: string | string[]): string => W3CTraceState.parse(header).serialize();
const members = (n: number): string => Array.from({ length: n }, (_, i) => `k${i}=v`).join(',');

describe('a tracestate', () => {
  it.each([
    ['keeps its members in order', 'b=2,a=1', 'b=2,a=1'],
    ['of several headers is joined in order', ['a=1', 'b=2,c=3'], 'a=1,b=2,c=3'],
    ['may have empty members, which are skipped', 'a=1,,b=2, ,', 'a=1,b=2'],
    ['may have white space around members', ' a=1 ,\tb=2\t', 'a=1,b=2'],
    ['keeps spaces inside a value', 'a=x y', 'a=x y'],
    ['takes keys of a tenant', 'fw529a3039@dt=x', 'fw529a3039@dt=x'],
    ['takes keys that start with a digit only with a tenant', '1a@b=x', '1a@b=x'],
    ['takes a key of 256 characters', `${'k'.repeat(256)}=v`, `${'k'.repeat(256)}=v`],
    ['takes a value of 256 characters', `k=${'v'.repeat(256)}`, `k=${'v'.repeat(256)}`],
    ['takes 32 members', members(32), members(32)],
    ['keeps the first of two equal keys', 'a=1,a=2', 'a=1'],
  ])('%s', (_, header, expected) => expect(roundTrip(header)).toBe(expected));

  it.each([
    ['33 members', members(33)],
    ['a key of 257 characters', `${'k'.repeat(257)}=v`],
    ['a value of 257 characters', `k=${'v'.repeat(257)}`],
    ['a key with capitals', 'Key=v'],
    ['a key that starts with a digit', '1key=v'],
    ['a member without =', 'a=1,b'],
    ['an empty key', '=v'],
    ['an empty value', 'a='],
    ['two = in a member', 'a=b=c'],
    ['a control character', 'a=\u0001'],
    ['a character beyond ASCII', 'a=é'],
    ['two @ in a key', 'a@b@c=v'],
  ])('is dropped whole for %s', (_, header) => expect(roundTrip(`ok=1,${header}`)).toBe(''));

  it('puts a changed member first and leaves the state it came from alone', () => {
    const state = W3CTraceState.parse('a=1,b=2');
    expect(state.set('b', '3').serialize()).toBe('b=3,a=1');
    expect(state.set('c', '4').serialize()).toBe('c=4,a=1,b=2');
    expect(state.unset('a').serialize()).toBe('b=2');
    expect(state.serialize()).toBe('a=1,b=2');
  });

  it('ignores a member that is not legal', () => {
    const state = W3CTraceState.parse('a=1');
    expect(state.set('Bad Key', 'v').serialize()).toBe('a=1');
    expect(state.set('k', 'a,b').serialize()).toBe('a=1');
  });

  it('is propagated up to 512 characters', () => {
    const header = Array.from({ length: 8 }, (_, i) => `k${i}=${'v'.repeat(60)}`).join(',');
    expect(header.length).toBe(511);
    expect(roundTrip(header)).toBe(header);
  });

  it('loses whole members over 128 characters first, then from the right', () => {
    const long = `long=${'x'.repeat(130)}`;
    const short = Array.from({ length: 8 }, (_, i) => `k${i}=${'v'.repeat(60)}`);
    expect(roundTrip([short[0]!, long, ...short.slice(1)])).toBe(short.join(','));
    const many = Array.from({ length: 10 }, (_, i) => `k${i}=${'v'.repeat(60)}`);
    expect(roundTrip(many)).toBe(many.slice(0, 8).join(','));
  });
});
