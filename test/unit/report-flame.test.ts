import { describe, expect, it } from 'vitest';
import { packStacks, sumOf } from '../../src/report/flame-data.js';
import { flameTree, largestChanges } from '../../src/report/flame-tree.js';
import { flameJson, flameSpeedscope, flameSvg, foldDiff, foldStacks, type Stack } from '../../src/report/index.js';

const hostile = '</script><img src=x onerror=alert(1)>';
const deep: Stack = { frames: Array.from({ length: 5_000 }, (_, i) => `agent: step ${i}`), value: 7 };

describe('folded stacks', () => {
  it('hold whole microseconds for times and whole numbers for the rest', () => {
    const stacks = [{ frames: ['planner: plan', 'writer: write'], value: 1_234_567 }];
    expect(foldStacks(stacks, 'self')).toBe('planner: plan;writer: write 1235\n');
    expect(foldStacks(stacks, 'critical')).toBe('planner: plan;writer: write 1235\n');
    expect(foldStacks(stacks, 'tokens')).toBe('planner: plan;writer: write 1234567\n');
  });

  it('escape separators and line breaks, and add what becomes equal', () => {
    const stacks = [
      { frames: ['a;b', 'c\r\nd'], value: 600 },
      { frames: ['a_b', 'c\nd'], value: 600 },
      { frames: ['a_b', 'c\u2028d'], value: 800 },
    ];
    expect(foldStacks(stacks, 'self')).toBe('a_b;c d 2\n');
  });

  it('drive no terminal, and turn no line around', () => {
    const stacks = [{ frames: ['\u001b[2Ja\u0007', 'b\u009b31m\u0000', 'c\u202ed\te'], value: 1000 }];
    expect(foldStacks(stacks, 'self')).toBe('\ufffd[2Ja\ufffd;b\ufffd31m\ufffd;c\ufffdd\te 1\n');
  });

  it('leave out what rounds to zero, and are empty without stacks', () => {
    expect(foldStacks([{ frames: ['a'], value: 400 }], 'self')).toBe('');
    expect(foldStacks([], 'errors')).toBe('');
  });

  it('put two windows side by side', () => {
    const before = [{ frames: ['a', 'gone'], value: 3 }];
    const after = [{ frames: ['a', 'new'], value: 4 }];
    expect(foldDiff(before, after, 'calls')).toBe('a;gone 3 0\na;new 0 4\n');
  });
});

describe('a packed flame graph', () => {
  const stacks = [
    { frames: ['a', 'b'], value: 5 },
    { frames: ['a'], value: 2 },
    { frames: ['c'], value: 1 },
    { frames: ['a', 'b'], value: 1 },
  ];

  it('sums upwards and keeps the largest first', () => {
    const tree = flameTree(packStacks({ calls: stacks }), 'calls');
    expect(tree).toMatchObject({ name: 'all', value: 9, self: 0 });
    expect(tree.children.map(({ name, value, self }) => [name, value, self])).toEqual([
      ['a', 8, 2],
      ['c', 1, 1],
    ]);
  });

  it('keeps the sum when it merges small stacks and deep frames, and says so', () => {
    const many = Array.from({ length: 100 }, (_, i) => ({ frames: ['a', `b${i}`], value: i + 1 }));
    const data = packStacks({ calls: [...many, deep] }, { calls: many }, { maxStacks: 10, maxDepth: 50 });
    expect(sumOf(data.after.calls)).toBe(5_050 + 7);
    expect(sumOf(data.before.calls)).toBe(5_050);
    expect(data.notes).toHaveLength(2);
    expect(flameTree(data, 'calls').value).toBe(5_057);
    expect(largestChanges(data, 'calls', 10)).toEqual([{ name: '(smaller stacks)', before: 4_095, after: 4_102 }]);
  });

  it('compares two windows, also for frames that are gone', () => {
    const data = packStacks(
      { calls: [{ frames: ['a', 'new'], value: 4 }] },
      { calls: [{ frames: ['a', 'gone'], value: 3 }] },
    );
    const tree = flameTree(data, 'calls', true);
    const sum = (node: typeof tree): number =>
      node.delta + node.children.reduce((total, child) => total + sum(child), 0);
    expect(sum(tree)).toBe(1);
    expect(largestChanges(data, 'calls', 5).map(({ name }) => name)).toEqual(['new', 'gone']);
  });

  it('cuts long names visibly and never inside a character', () => {
    const data = packStacks({ calls: [{ frames: [`${'x'.repeat(499)}😀${'y'.repeat(9_000)}`], value: 1 }] });
    expect(data.names[1]).toMatch(/^x{499}… \(\+9,002 characters\)$/);
  });

  it('takes 20,000 stacks in well under a few seconds', () => {
    const many = Array.from({ length: 20_000 }, (_, i) => ({
      frames: Array.from({ length: 12 }, (_unused, level) => `agent-${level}: step ${i % (level * 400 + 1)}`),
      value: i + 1,
    }));
    const started = performance.now();
    const tree = flameTree(packStacks({ self: many }), 'self');
    expect(tree.value).toBe((20_000 * 20_001) / 2);
    expect(performance.now() - started).toBeLessThan(5_000);
  });
});

describe('flame graph formats', () => {
  it('as JSON hold values that include the children, at any depth', () => {
    const json = flameJson([
      { frames: ['a', 'b'], value: 5 },
      { frames: ['a'], value: 2 },
    ]);
    expect(JSON.parse(json)).toEqual({
      name: 'all',
      value: 7,
      children: [{ name: 'a', value: 7, children: [{ name: 'b', value: 5, children: [] }] }],
    });
    expect(flameJson([deep])).toContain('"agent: step 4999","value":7');
    expect(JSON.parse(flameJson([]))).toEqual({ name: 'all', value: 0, children: [] });
  });

  it('for speedscope hold one profile per weight with shared frames', () => {
    const self = [{ frames: ['a', 'b'], value: 1_500 }];
    const file = JSON.parse(flameSpeedscope({ tokens: [{ frames: ['a'], value: 3 }], self })) as {
      shared: unknown;
      profiles: unknown[];
    };
    expect(file.shared).toEqual({ frames: [{ name: 'a' }, { name: 'b' }] });
    expect(file.profiles).toEqual([
      {
        type: 'sampled',
        name: 'Time',
        unit: 'nanoseconds',
        startValue: 0,
        endValue: 1_500,
        samples: [[0, 1]],
        weights: [1_500],
      },
      { type: 'sampled', name: 'Tokens', unit: 'none', startValue: 0, endValue: 3, samples: [[0]], weights: [3] },
    ]);
  });

  it('as SVG escape names, keep tooltips, and say when there is nothing', () => {
    const svg = flameSvg([{ frames: [hostile, 'b\u0000\ud800'], value: 5e6 }], { weight: 'self' });
    expect(svg).not.toContain('<img');
    expect(svg).toContain('&lt;/script&gt;');
    expect(svg).toContain('— 5 ms, 100.0%');
    // eslint-disable-next-line no-control-regex
    expect(svg).not.toMatch(/\u0000|\p{Surrogate}/u);
    expect(flameSvg([], { weight: 'errors' })).toContain('No errors in this window.');
    expect(flameSvg([deep], { weight: 'calls' })).toContain('Frames deeper than 1000');
  });
});
