#!/usr/bin/env node
import { Command, CommanderError } from 'commander';
import { ClickHouseError, oneLine } from '../clickhouse/errors.js';
import { addDemo } from './commands/demo.js';
import { addDev } from './commands/dev.js';
import { addFlame } from './commands/flame.js';
import { addGraph } from './commands/graph.js';
import { addJobs } from './commands/jobs.js';
import { addMigrate } from './commands/migrate.js';
import { addReport } from './commands/report.js';
import { addTrace } from './commands/trace.js';
import { addTraces } from './commands/traces.js';
import { addVerify } from './commands/verify.js';
import { UsageError } from './errors.js';
import { endOnBrokenOutput, say, written } from './output.js';
import { packageVersion } from './version.js';

const commands = [addDemo, addDev, addMigrate, addJobs, addFlame, addGraph, addTraces, addTrace, addReport, addVerify];

function createProgram(): Command {
  const program = new Command('spanbus')
    .description('tracing for agents on NATS and Redis: call graphs and flame graphs in your own ClickHouse')
    .version(packageVersion())
    .helpCommand(false)
    .showSuggestionAfterError(false);
  for (const add of commands) add(program);
  program
    .command('help')
    .argument('[command...]')
    .description('the options of a command')
    .action((names: string[]) => find(program, names).help());
  // A group without its subcommand is a wrong call, not a request for help.
  for (const command of [program, ...program.commands]) {
    if (command.commands.length > 0)
      command.action(() => rejectCommand(command, command.args[0])).allowExcessArguments();
  }
  for (const command of allCommands(program)) {
    command.exitOverride().configureOutput({ outputError: () => undefined });
    command.showSuggestionAfterError(false);
  }
  return program;
}

/** The command that these names lead to from `command`. */
function find(command: Command, names: string[]): Command {
  const [name, ...deeper] = names;
  if (name === undefined) return command;
  const found = command.commands.find((one) => one.name() === name);
  return found ? find(found, deeper) : rejectCommand(command, name);
}

function rejectCommand(command: Command, given: string | undefined): never {
  const known = command.commands.map((one) => one.name()).join(', ');
  const wrong = given === undefined ? 'no command given' : `unknown command ${JSON.stringify(given)}`;
  throw new UsageError(`${wrong}; there ${known === '' ? 'is none' : `are ${known}`}`);
}

function allCommands(command: Command): Command[] {
  return [command, ...command.commands.flatMap(allCommands)];
}

/** Runs one command line; every failure is one line on stderr and an exit code: 2 for a wrong call, 1 for anything else. */
async function main(args: string[]): Promise<void> {
  endOnBrokenOutput();
  try {
    await createProgram().parseAsync(args, { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return;
    const badUrl = error instanceof ClickHouseError && error.code === 'invalid-url';
    const wrongCall = error instanceof CommanderError || error instanceof UsageError || badUrl;
    const message = oneLine(error instanceof Error ? error.message : String(error)).replace(/^error: /, '');
    say(wrongCall ? `${message}; see spanbus --help` : message);
    // a command that a signal ended has set its code already
    process.exitCode = wrongCall ? 2 : (process.exitCode ?? 1);
  }
}

await main(process.argv.slice(2));
await written();
// Handles that libraries hold open must not keep a finished command alive.
process.exit();
