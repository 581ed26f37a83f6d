import { expect, it } from 'vitest';
import { readSql } from '../../src/sql/read.js';
import { INPUT, OUTPUT, tokensOf } from '../../src/trace/token-counts.js';

/** The attributes that a column of the table reads. */
function namesOf(column: string): string[] {
  const line = readSql('schema/0031_token_columns')
    .split('\n')
    .find((text) => text.includes(` COLUMN ${column} `));
  return [...line!.matchAll(/'([a-z][\w.]+)'/g)].map(([, name]) => name!);
}

it('a trace is kept for the tokens that the table’s columns count', () => {
  expect(namesOf('InputTokens')).toEqual(INPUT);
  expect(namesOf('OutputTokens')).toEqual(OUTPUT);
});

it('input and output count once each, whoever wrote them and however often', () => {
  expect(
    tokensOf({ 'gen_ai.usage.input_tokens': 7, 'ai.usage.inputTokens': 7, 'llm.token_count.completion': '5' }),
  ).toBe(12);
  expect(tokensOf({ 'gen_ai.usage.input_tokens': 'many', 'gen_ai.usage.output_tokens': -1 })).toBe(0);
});
