import { describe, expect, it } from 'vitest';
import { formatBaggage, parseBaggage } from '../../src/propagation/baggage.js';

const roundTrip = (header: string | string[]): string => formatBaggage(parseBaggage(header)!);

describe('baggage', () => {
  it.each([
    ['reads members', 'a=1,b=2', { a: '1', b: '2' }],
    ['tolerates white space', ' a = 1 , b=2 ', { a: '1', b: '2' }],
    ['decodes percent signs', 'a=%20x%2C%3B%C3%BC', { a: ' x,;ü' }],
    ['keeps a value whose percent signs mean nothing', 'a=100%', { a: '100%' }],
    ['keeps = in a value', 'a=b=c', { a: 'b=c' }],
    ['skips members that are not legal', 'a=1,b,=2,c d=3,e=4', { a: '1', e: '4' }],
    ['joins several headers', ['a=1', 'b=2'], { a: '1', b: '2' }],
    ['treats __proto__ as a key like others', '__proto__=1', { ['__proto__']: '1' }],
  ])('%s', (_, header, expected) => {
    const entries = parseBaggage(header)!.getAllEntries();
    expect(entries.map(([key, entry]) => [key, entry.value])).toEqual(Object.entries(expected));
  });

  it('keeps properties', () => {
    expect(roundTrip('a=1;p=2;q,b=2')).toBe('a=1;p=2;q,b=2');
  });

  it('encodes what a value may not hold', () => {
    expect(roundTrip('a=%20%22%2C%3B%5C%C3%BC%25,b=!#')).toBe('a=%20%22%2C%3B%5C%C3%BC%25,b=!#');
  });

  it('is undefined when nothing can be read', () => {
    expect(parseBaggage('')).toBeUndefined();
    expect(parseBaggage('garbage')).toBeUndefined();
  });

  it('carries 64 members and 8,192 bytes', () => {
    const header = Array.from({ length: 64 }, (_, i) => `key${String(i).padStart(2, '0')}=${'v'.repeat(121)}`).join(
      ',',
    );
    expect(header.length).toBe(8191);
    expect(roundTrip(header)).toBe(header);
  });

  it('leaves out a member that does not fit, whole, and takes the next that does', () => {
    const header = `a=${'x'.repeat(5000)},b=${'y'.repeat(5000)},c=z`;
    expect(roundTrip(header)).toBe(`a=${'x'.repeat(5000)},c=z`);
  });
});
