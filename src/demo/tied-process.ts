/**
 * Runs a program that is not ours for as long as its parent lives: `tied-process PROGRAM ARGS…`. The program ends when stdin closes,
 * however the parent ended, and this process ends when the program does.
 */
import { spawn } from 'node:child_process';

const [program = '', ...args] = process.argv.slice(2);
const child = spawn(program, args, { stdio: 'ignore' });
child.once('error', () => process.exit(127));
child.once('exit', (code) => process.exit(code ?? 1));
process.stdin
  .on('close', () => child.kill())
  .on('error', () => child.kill())
  .resume();
// whoever ends this process means the program
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => child.kill());
