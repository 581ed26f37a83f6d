import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { flameHtml, graphHtml, type ReportInput, reportPage, type Trace, traceHtml } from '../../src/report/index.js';
import { sampleOf, sampleRuns, span } from '../report-sample.js';

const hostile =
  '</script><img src=x onerror="document.title=1"><script>document.title=2</script>\u2028\n\u202e😀 مرحبا';
const window = { from: '2026-11-22T08:00:00Z', to: '2026-11-22T09:00:00Z' };
const now = sampleRuns(20);
const before = sampleRuns(16, 7).flames;
const input: ReportInput = { title: 'Morning report', window, ...now, before };

let browser: Browser;
let folder: string;
/** What a page must never do: say something on the console, throw, or ask for anything but itself. */
let complaints: string[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'spanbus-report-'));
  browser = await chromium.launch({
    executablePath: process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--no-first-run'],
  });
});
afterAll(async () => {
  await browser.close();
  rmSync(folder, { recursive: true });
});
afterEach(async () => {
  await Promise.all(browser.contexts().map((context) => context.close()));
  expect(complaints).toEqual([]);
  complaints = [];
});

async function open(html: string, width = 1280): Promise<Page> {
  const context = await browser.newContext({ viewport: { width, height: 900 }, reducedMotion: 'reduce' });
  const page = await context.newPage();
  page.setDefaultTimeout(10_000);
  page.on('console', (message) => complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('dialog', () => complaints.push('a dialog opened'));
  const url = pathToFileURL(join(folder, `${crypto.randomUUID()}.html`)).href;
  page.on('request', (request) => {
    const asked = request.url();
    if (asked !== url && !asked.startsWith('data:')) complaints.push(`asked for ${asked}`);
  });
  writeFileSync(new URL(url), html);
  await page.goto(url);
  return page;
}

const frames = (page: Page) => page.locator('.chart .frame');
const titles = (page: Page) =>
  frames(page).evaluateAll((all) => all.map((frame) => frame.getAttribute('width')).join());
const sidewaysScroll = (page: Page) => page.evaluate('document.documentElement.scrollWidth - innerWidth');

describe('the report in a browser', () => {
  it.each([1280, 390])('fits a window of %d pixels', async (width) => {
    const page = await open(reportPage(input), width);
    await frames(page).first().waitFor();
    expect(await sidewaysScroll(page)).toBeLessThanOrEqual(0);
    await page.locator('button.trace').first().click();
    expect(await sidewaysScroll(page)).toBeLessThanOrEqual(0);
  });

  it('draws another picture for another weight and other frames', async () => {
    const page = await open(reportPage(input));
    await frames(page).first().waitFor();
    const seen = new Set([await titles(page)]);
    for (const label of ['Critical path', 'Tokens', 'Errors', 'Calls', 'Agents']) {
      await page.locator('.switch label', { hasText: label }).click();
      seen.add(await titles(page));
    }
    expect(seen.size).toBe(6);
    await expect.poll(() => page.locator('.status').textContent()).toMatch(/^Calls: [\d,]+ spans/);
  });

  it('compares with the window before', async () => {
    const page = await open(reportPage(input));
    await page.locator('input[name=compare]').check();
    await expect.poll(() => page.locator('.changes tbody tr').count()).toBe(10);
    await expect.poll(() => page.locator('.status').textContent()).toContain('against the window before');
    expect(await frames(page).first().locator('rect').getAttribute('fill')).toContain('--worse');
  });

  it('finds frames, zooms, and goes back', async () => {
    const page = await open(reportPage(input));
    await page.locator('input[type=search]').fill('WEB_search (');
    await expect.poll(() => page.locator('.status').textContent()).toMatch(/^0 frames match/);
    await page.locator('input[type=search]').fill('WEB_search');
    await expect
      .poll(() => page.locator('.status').textContent())
      .toMatch(/^2 frames match “WEB_search”, [\d.]+% of all$/);
    const all = await titles(page);
    await frames(page).nth(3).click();
    await expect.poll(() => titles(page)).not.toBe(all);
    await page.locator('.reset').click();
    await expect.poll(() => titles(page)).toBe(all);
  });

  it('is walked and zoomed by keyboard', async () => {
    const page = await open(reportPage(input));
    await frames(page).first().waitFor();
    await page
      .locator('.reset')
      .evaluate((button) => button.closest('.flame')?.querySelector<HTMLElement>('.chart')?.focus());
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowRight');
    await expect.poll(() => page.locator('.status').textContent()).toMatch(/^planner: request agents\.\S+ — /);
    await expect.poll(() => page.locator('.frame.current').count()).toBe(1);
    await page.keyboard.press('Enter');
    expect(await page.locator('.reset').isEnabled()).toBe(true);
    await page.keyboard.press('Escape');
    expect(await page.locator('.reset').isEnabled()).toBe(false);
  });

  it('opens a trace as a waterfall, its spans to their details, and closes it again', async () => {
    const page = await open(reportPage(input));
    const failed = page.locator('section', { hasText: 'Failed traces' }).locator('button.trace').last();
    await expect.poll(() => failed.locator('.problem').count()).toBe(1);
    await failed.click();
    const dialog = page.locator('dialog');
    await expect
      .poll(() => dialog.locator('h2').textContent())
      .toContain(String(await failed.getAttribute('data-trace')));
    await expect.poll(() => dialog.locator('details.span').count()).toBeGreaterThan(20);
    await dialog.locator('.next-error').click();
    await expect.poll(() => dialog.locator('details.span[open] .facts').textContent()).toContain('exception.message');
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'hidden' });
    await page.goBack();
    await dialog.waitFor({ state: 'visible' });
  });

  it('shows hostile names as text, and never runs them', async () => {
    const trace: Trace = {
      traceId: `" onclick=alert(1) ${hostile}`,
      startTime: hostile,
      spans:
        now.traces[0]?.spans.map((one) => ({ ...one, name: hostile, agent: `${hostile}${'x'.repeat(10_000)}` })) ?? [],
    };
    Object.assign(trace.spans[0] ?? {}, {
      status: 'Error',
      statusMessage: hostile,
      attributes: { [hostile]: hostile, __proto__x: 'y' },
    });
    const sample = sampleOf([trace]);
    const page = await open(reportPage({ ...input, ...sample, failed: sample.slowest, title: hostile }));
    await frames(page).first().waitFor();
    await frames(page).last().hover();
    await page.locator('button.trace').first().click();
    await page.locator('dialog .next-error').click();
    await expect.poll(() => page.locator('dialog .facts').first().textContent()).toContain('<img src=x');
    await expect.poll(() => page.locator('img').count()).toBe(0);
    expect(await page.title()).toContain('</script>');
    expect(await sidewaysScroll(page)).toBeLessThanOrEqual(0);
  });

  it.each([1280, 390])('fits a window of %d pixels with names of 10,000 characters and no space', async (width) => {
    const long = 'x'.repeat(10_000);
    const traces = now.traces.slice(0, 3).map((trace) => ({
      ...trace,
      spans: trace.spans.map((one) => ({ ...one, name: long, agent: `${one.agent}${long}`, statusMessage: long })),
    }));
    const sample = sampleOf(traces);
    const page = await open(reportPage({ ...input, ...sample, failed: sample.slowest, title: long }), width);
    await frames(page).first().waitFor();
    expect(await sidewaysScroll(page)).toBeLessThanOrEqual(0);
    // what overflows a card is cut off there, or lies over its neighbour
    const wider = page.locator('.calls li:visible, .traces li, .tile');
    expect(await wider.evaluateAll((all) => all.filter((one) => one.scrollWidth > one.clientWidth).length)).toBe(0);
    await page.locator('button.trace').first().click();
    await page.locator('dialog details.span summary').first().click();
    expect(await sidewaysScroll(page)).toBeLessThanOrEqual(0);
  });

  it('opens without any flame graph, and says so', async () => {
    const page = await open(reportPage({ ...input, flames: {} }));
    await page.getByText('No flame graph was computed for this window.').waitFor();
    await page.locator('button.trace').first().click();
    await page.locator('dialog').waitFor({ state: 'visible' });
  });

  it('takes 20,000 stacks within seconds', async () => {
    const stacks = Array.from({ length: 20_000 }, (_, i) => ({
      frames: Array.from({ length: 10 }, (_unused, level) => `agent-${level}: step ${i % (level * 300 + 1)}`),
      value: (i + 1) * 1e6,
    }));
    const html = reportPage({ ...input, flames: { self: { spans: stacks, agents: stacks } } });
    expect(html.length).toBeLessThan(8_000_000);
    const started = performance.now();
    const page = await open(html);
    await frames(page).first().waitFor();
    expect(performance.now() - started).toBeLessThan(10_000);
    await frames(page).nth(1).click();
    await expect.poll(() => page.locator('.reset').isEnabled()).toBe(true);
  });
});

describe('other pages in a browser', () => {
  it('a flame graph opens by itself, and coloured by change when there is something to compare', async () => {
    const { spans } = now.flames.self ?? { spans: [] };
    const page = await open(flameHtml(spans, { weight: 'self', before: before.self?.spans ?? [] }));
    await frames(page).first().waitFor();
    await expect.poll(() => page.locator('.flame.comparing').count()).toBe(1);
    const empty = await open(flameHtml([], { weight: 'errors' }));
    await expect.poll(() => empty.locator('.chart').textContent()).toBe('No errors in this window.');
  });

  it('a stack of 5,000 frames is drawn as far as it can be read, with a note', async () => {
    const deep = { frames: Array.from({ length: 5_000 }, (_, i) => `agent: step ${i}`), value: 1 };
    const page = await open(flameHtml([deep], { weight: 'calls' }));
    await expect.poll(() => frames(page).count()).toBe(1_001);
    await expect.poll(() => page.locator('.notes').textContent()).toContain('deeper than 1000');
    await page.locator('input[type=search]').fill('step 999');
    await expect.poll(() => page.locator('.status').textContent()).toContain('1 frame matches');
  });

  it('a call graph needs no script', async () => {
    const page = await open(graphHtml(now.graph));
    await expect.poll(() => page.locator('svg.graph .node').count()).toBe(8);
    await expect.poll(() => page.locator('script').count()).toBe(0);
  });

  it('a trace of 5,000 children and a chain of 600 come in steps', async () => {
    const chain = Array.from({ length: 600 }, (_, i) =>
      span({ spanId: `d${i}`, parentSpanId: i === 0 ? 'root' : `d${i - 1}`, startNs: i }),
    );
    const wide = Array.from({ length: 5_000 }, (_, i) =>
      span({ spanId: `c${i}`, parentSpanId: 'root', startNs: 1_000 + i }),
    );
    const page = await open(
      traceHtml({
        traceId: 'wide',
        startTime: '',
        spans: [span({ spanId: 'root', durationNs: 1e6 }), ...chain, ...wide],
      }),
      390,
    );
    await expect.poll(() => page.locator('details.span').count()).toBe(500);
    await page.locator('.more').click();
    await expect.poll(() => page.locator('details.span').count()).toBe(1_000);
    await expect.poll(() => page.locator('.more').textContent()).toContain('1,000 of 5,601 spans');
    expect(await sidewaysScroll(page)).toBeLessThanOrEqual(0);
  });
});
