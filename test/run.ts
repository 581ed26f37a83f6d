import { createVitest } from 'vitest/node';
import { prepare } from './servers/prepare.js';

/** Runs all tests, or those whose files match the arguments, and ends with the line `N passed, N failed`. */
const problem = await prepare();
if (problem !== undefined) {
  process.stderr.write(`${problem}\n`);
  process.exit(1);
}

const vitest = await createVitest('test', { watch: false });
await vitest.start(process.argv.slice(2));
const modules = vitest.state.getTestModules();
const tests = modules.flatMap((module) => [...module.children.allTests()]);
const passed = tests.filter((test) => test.result().state === 'passed').length;
const skipped = tests.filter((test) => test.result().state === 'skipped').length;
// a file that does not load, or an error outside of tests, fails the run too
const broken = modules.filter((module) => module.errors().length > 0).length + vitest.state.getUnhandledErrors().length;
const failed = tests.length - passed - skipped + broken;
await vitest.close();
process.stdout.write(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}\n`);
process.exit(failed > 0 || passed === 0 ? 1 : 0);
