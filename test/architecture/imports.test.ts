import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = resolve(import.meta.dirname, '../..');
const CAPTURE = ['trace', 'propagation', 'sampling', 'export', 'agent', 'content', 'otel-sdk', 'rpc'];
const ANALYSIS = ['clickhouse', 'jobs', 'views', 'report', 'schedule', 'cli'];

function files(folder: string, ending: RegExp): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => ending.test(name))
    .map((name) => join(folder, name));
}

/** What a file imports, relative to the project's root; packages by their name. */
function importsOf(file: string): string[] {
  const text = readFileSync(join(ROOT, file), 'utf8');
  const found = [
    ...text.matchAll(/^(?:import|export|\}).*?\bfrom '([^'\n]+)'|\bimport\('([^'\n]+)'\)|^import '([^'\n]+)'/gm),
  ].map(([, a, b, c]) => a ?? b ?? c!);
  return found.map((spec) => (spec.startsWith('.') ? relative(ROOT, resolve(ROOT, dirname(file), spec)) : spec));
}

const inFolders = (path: string, names: string[]): boolean => names.some((name) => path.startsWith(`src/${name}/`));

describe('the house', () => {
  it.each(files('adapters', /\.ts$/))('%s knows its bus and the core’s public index, nothing else', (file) => {
    const own = `adapters/${file.split('/')[1]}/`;
    const foreign = importsOf(file).filter(
      (spec) => /^(?:src|adapters)\//.test(spec) && spec !== 'src/index.js' && !spec.startsWith(own),
    );
    expect(foreign).toEqual([]);
  });

  it.each(files('src', /\.ts$/).filter((f) => inFolders(f, CAPTURE)))(
    '%s (capture) knows nothing of analysis',
    (file) => {
      expect(importsOf(file).filter((spec) => inFolders(spec, ANALYSIS))).toEqual([]);
    },
  );

  it.each(files('src', /\.ts$/).filter((f) => inFolders(f, ANALYSIS)))(
    '%s (analysis) knows nothing of capture',
    (file) => {
      const demo = file === 'src/cli/commands/demo.ts';
      expect(importsOf(file).filter((spec) => inFolders(spec, CAPTURE) && !demo)).toEqual([]);
    },
  );

  it.each(files('src/report', /\.ts$/))('%s renders without a database or files of its own', (file) => {
    expect(importsOf(file).filter((spec) => /clickhouse|src\/(jobs|cli)\//.test(spec))).toEqual([]);
  });

  it('keeps all SQL in src/sql', () => {
    const statement =
      /\b(?:INSERT INTO|SELECT\s.+\sFROM|CREATE (?:TABLE|MATERIALIZED|VIEW|DATABASE)|ALTER TABLE|DROP TABLE)\b/s;
    const offenders = [...files('src', /\.ts$/), ...files('adapters', /\.ts$/)].filter((file) =>
      statement.test(readFileSync(join(ROOT, file), 'utf8').replace(/^\s*(?:\/?\*|\/\/|\/\^).*$/gm, '')),
    );
    expect(offenders).toEqual([]);
  });

  it.each(files('src/sql', /\.sql$/))('%s opens with a comment on what it does', (file) => {
    expect(readFileSync(join(ROOT, file), 'utf8')).toMatch(/^-- \S/);
  });

  it('names TypeScript files in kebab-case and SQL files in snake_case', () => {
    const ts = [...files('src', /\.ts$/), ...files('adapters', /\.ts$/)].filter(
      (f) => !/\/[a-z0-9-]+(?:\.d)?\.ts$/.test(f),
    );
    const sql = files('src/sql', /\.sql$/).filter((f) => !/\/[a-z0-9_]+\.sql$/.test(f));
    expect([...ts, ...sql]).toEqual([]);
  });
});

describe('the package', () => {
  const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    exports: Record<string, unknown>;
    dependencies: Record<string, string>;
    peerDependencies: Record<string, string>;
  };

  it('exports what the build makes', () => {
    const config = readFileSync(join(ROOT, 'tsup.config.ts'), 'utf8');
    for (const subpath of Object.keys(manifest.exports)) {
      if (subpath === './package.json') continue;
      const name = subpath === '.' ? 'index' : subpath.slice(2);
      expect(config, subpath).toMatch(new RegExp(`\\b${name}: '`));
      expect(JSON.stringify(manifest.exports[subpath])).toContain(`./dist/${name}.d.cts`);
    }
  });

  it('declares every package that its sources import', () => {
    const declared = new Set([...Object.keys(manifest.dependencies), ...Object.keys(manifest.peerDependencies)]);
    // drawing libraries that the build puts inside
    const bundled = /^(?:d3-|@dagrejs\/)/;
    const missing = [...files('src', /\.ts$/), ...files('adapters', /\.ts$/)]
      .flatMap(importsOf)
      .filter((spec) => !/^(?:node:|src\/|adapters\/|test\/)/.test(spec) && !bundled.test(spec))
      .map((spec) =>
        spec
          .split('/')
          .slice(0, spec.startsWith('@') ? 2 : 1)
          .join('/'),
      )
      .filter((name) => !declared.has(name));
    expect([...new Set(missing)]).toEqual([]);
  });

  it('keeps download addresses out of the lock file', () => {
    expect(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')).not.toMatch(/"resolved": "http/);
  });
});
