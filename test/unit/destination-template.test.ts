import { describe, expect, it } from 'vitest';
import { templateOf } from '../../src/index.js';

describe('the template of a destination', () => {
  it.each([
    ['agents.4711.ask', 'agents.{id}.ask'],
    ['agents:4711:ask', 'agents:{id}:ask'],
    ['queue/{4711}/jobs', 'queue/{id}/jobs'],
    ['a.0af7651916cd43dd8448eb211c80319c.b', 'a.{id}.b'],
    ['a.0AF7651916CD43DD8448EB211C80319C.b', 'a.{id}.b'],
    ['a.123e4567-e89b-12d3-a456-426614174000', 'a.{id}'],
    ['a.123E4567-E89B-12D3-A456-426614174000', 'a.{id}'],
    ['a.01ARZ3NDEKTSV4RRFFQ69G5FAV', 'a.{id}'],
    ['a.Xk29fQ0bPq7YwZr81LmN3T', 'a.{id}'],
  ])('of %s is %s', (name, template) => {
    expect(templateOf(name)).toBe(template);
  });

  it.each(['agents.planner.ask', 'v2.tools', 'researcher-market', '', '...', 'deadbeef', 'internationalizations'])(
    'of %j is the same text: there is no id in it',
    (name) => {
      expect(templateOf(name)).toBe(name);
    },
  );
});
