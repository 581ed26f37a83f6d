import { createContextKey, ROOT_CONTEXT, type Context, type ContextManager } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import fc from 'fast-check';
import { AsyncResource } from 'node:async_hooks';
import { EventEmitter, on, once } from 'node:events';
import { readFile, stat } from 'node:fs';
import { readFile as readFileLater } from 'node:fs/promises';
import { createServer, get, Agent, type IncomingMessage } from 'node:http';
import { connect, createServer as createSocketServer, type AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { HookedContextManager } from '../../src/trace/hooked-context-manager.js';

const NAME = createContextKey('name');
const named = (name: string): Context => ROOT_CONTEXT.setValue(NAME, name);

/** What a scenario sees: the names of the contexts that it was in, with where it was. */
type Seen = string[];

interface Scene {
  manager: ContextManager;
  /** Notes the context that is active now. */
  readonly see: (where: string) => void;
}

const running: ContextManager[] = [];
afterEach(() => {
  for (const manager of running.splice(0)) manager.disable();
});

async function play(manager: ContextManager, scenario: (scene: Scene) => unknown): Promise<Seen> {
  running.push(manager.enable());
  const seen: Seen = [];
  await scenario({
    manager,
    see: (where) => void seen.push(`${where}: ${(manager.active().getValue(NAME) as string | undefined) ?? 'none'}`),
  });
  // Which of two timers comes first is up to the machine.
  return seen.sort();
}

const tick = (): Promise<void> => new Promise((resolve) => process.nextTick(resolve));
const immediate = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const scenarios: Record<string, (scene: Scene) => unknown> = {
  'awaits and promise chains': async ({ manager, see }) => {
    await manager.with(named('a'), async () => {
      see('at once');
      await Promise.resolve();
      see('after an await');
      await Promise.resolve().then(() => see('then'));
      await Promise.reject(new Error('no')).catch(() => see('catch'));
      await Promise.all([sleep(1).then(() => see('all')), Promise.race([sleep(1), tick()])]).finally(() =>
        see('finally'),
      );
    });
    see('outside');
  },
  'a timer that is set again, without a context and in another': async ({ manager, see }) => {
    let fired = 0;
    const timer = manager.with(named('a'), () => setTimeout(() => see(`fired ${++fired}`), 1));
    await sleep(5);
    timer.refresh();
    await sleep(5);
    manager.with(named('b'), () => timer.refresh());
    await sleep(5);
    timer.refresh();
    await sleep(5);
  },
  'a socket whose timeout is set again by what it reads': async ({ manager, see }) => {
    const server = createSocketServer((socket) => socket.on('data', (data) => socket.write(data)));
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1').resume();
    await once(socket, 'connect');
    manager.with(named('a'), () => socket.setTimeout(8));
    socket.on('timeout', () => see('timeout'));
    await once(socket, 'timeout');
    socket.write('x');
    await once(socket, 'timeout');
    socket.destroy();
    server.close();
  },
  'the context that is active already, with another attached inside': ({ manager, see }) => {
    manager.with(named('a'), () => {
      manager.with(manager.active(), () => {
        (manager as AsyncLocalStorageContextManager).attach(named('b'));
        see('inside');
      });
      see('after it');
    });
    see('outside');
  },
  'a promise made outside and awaited inside': async ({ manager, see }) => {
    let resolve = (): void => undefined;
    const promise = new Promise<void>((done) => (resolve = done));
    const inside = manager.with(named('a'), async () => {
      await promise;
      see('inside');
    });
    const other = manager.with(named('b'), () => promise.then(() => see('other')));
    manager.with(named('c'), resolve);
    await Promise.all([inside, other]);
  },
  'timers, ticks and microtasks': async ({ manager, see }) => {
    const turns = new EventEmitter();
    manager.with(named('a'), () => {
      setTimeout(() => see('timeout'), 1);
      setImmediate(() => see('immediate'));
      process.nextTick(() => see('tick'));
      queueMicrotask(() => see('microtask'));
      let count = 0;
      const interval = setInterval(() => {
        see(`interval ${count}`);
        manager.with(named('b'), () => see('within the interval'));
        if (++count < 3) return;
        clearInterval(interval);
        turns.emit('done');
      }, 5);
    });
    see('outside');
    await once(turns, 'done');
    see('outside, later');
  },
  'contexts within contexts, and out of them by throwing': async ({ manager, see }) => {
    await manager.with(named('a'), async () => {
      await manager.with(named('b'), async () => {
        await tick();
        see('b');
      });
      see('a');
      try {
        manager.with(named('c'), () => {
          see('c');
          throw new Error('out');
        });
      } catch {
        see('after the throw');
      }
      manager.with(ROOT_CONTEXT, () => {
        see('root');
        setImmediate(() => see('root, later'));
      });
      await immediate();
      await immediate();
    });
  },
  'two at a time': async ({ manager, see }) => {
    const work = async (name: string): Promise<void> => {
      for (let i = 0; i < 5; i++) {
        await (i % 2 ? tick() : sleep(2));
        see(name);
      }
    };
    await Promise.all([manager.with(named('a'), work, undefined, 'a'), manager.with(named('b'), work, undefined, 'b')]);
  },
  'generators and events': async ({ manager, see }) => {
    const emitter = new EventEmitter();
    async function* values(): AsyncGenerator<number> {
      for (let i = 0; i < 3; i++) {
        await tick();
        see('in the generator');
        yield i;
      }
    }
    const loop = manager.with(named('a'), async () => {
      for await (const value of values()) see(`value ${value}`);
    });
    const events = manager.with(named('b'), async () => {
      let count = 0;
      for await (const event of on(emitter, 'event')) {
        see(`event ${String(event[0])}`);
        if (++count === 2) return;
      }
    });
    await tick();
    manager.with(named('c'), () => emitter.emit('event', 1));
    await immediate();
    emitter.emit('event', 2);
    await Promise.all([loop, events]);
  },
  'functions, emitters and resources that are bound': async ({ manager, see }) => {
    const bound = manager.bind(named('a'), () => see('bound'));
    const emitter = manager.bind(named('b'), new EventEmitter());
    emitter.on('event', () => see('emitter'));
    const resource = manager.with(named('c'), () => new AsyncResource('TEST'));
    const later = manager.with(named('d'), () => AsyncResource.bind(() => see('AsyncResource.bind')));
    manager.with(named('e'), () => {
      bound();
      emitter.emit('event');
      resource.runInAsyncScope(() => {
        see('resource');
        process.nextTick(() => see('resource, later'));
      });
      see('after the resource');
      later();
    });
    await immediate();
  },
  files: async ({ manager, see }) => {
    await manager.with(named('a'), async () => {
      await new Promise<void>((resolve) =>
        readFile(import.meta.filename, () => {
          see('callback');
          stat(import.meta.filename, () => {
            see('callback of a callback');
            resolve();
          });
        }),
      );
      await readFileLater(import.meta.filename);
      see('promise');
    });
  },
  'requests on one connection': async ({ manager, see }) => {
    const server = createServer((request, response) => {
      manager.with(named(`server ${request.url}`), () => setTimeout(() => response.end(request.url), 1));
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const { port } = server.address() as AddressInfo;
    const ask = (path: string): Promise<void> =>
      new Promise((resolve) =>
        get({ port, path, agent }, (response: IncomingMessage) => {
          see(`response ${path}`);
          response.on('data', () => see(`data ${path}`)).on('end', resolve);
        }),
      );
    for (const path of ['/1', '/2', '/3']) {
      await manager.with(named(path), async () => {
        await ask(path);
        see(`done ${path}`);
      });
    }
    see('outside');
    agent.destroy();
    server.close();
    await once(server, 'close');
  },
  'a context that is attached until it is disposed of': async ({ manager, see }) => {
    await manager.with(named('a'), async () => {
      const token = (manager as AsyncLocalStorageContextManager).attach(named('b'));
      see('attached');
      setImmediate(() => see('later'));
      token.dispose();
      see('disposed');
      token.dispose();
      await immediate();
      see('after');
    });
  },
};

describe('contexts on hooks', () => {
  for (const [name, scenario] of Object.entries(scenarios)) {
    it(`are those of AsyncLocalStorage: ${name}`, async () => {
      const expected = await play(new AsyncLocalStorageContextManager(), scenario);
      expect(expected.length).toBeGreaterThan(1);
      expect(await play(new HookedContextManager(), scenario)).toEqual(expected);
    });
  }

  it('are those of AsyncLocalStorage in any nesting of work', async () => {
    const waits = { none: () => Promise.resolve(), tick, immediate, sleep: () => sleep(1) };
    interface Work {
      context: string;
      wait: keyof typeof waits;
      children: Work[];
    }
    const work: fc.Memo<Work> = fc.memo((depth) =>
      fc.record({
        context: fc.constantFrom('', 'a', 'b', 'c'),
        wait: fc.constantFrom<keyof typeof waits>('none', 'tick', 'immediate', 'sleep'),
        children: depth > 1 ? fc.array(work(depth - 1), { maxLength: 3 }) : fc.constant([]),
      }),
    );
    // what runs at the same time is noted in each work's own list, as the order of timers is nobody's
    const run = async (manager: ContextManager, { context, wait, children }: Work): Promise<unknown[]> => {
      const body = async (): Promise<unknown[]> => {
        const seen: unknown[] = [manager.active().getValue(NAME)];
        const parts = children.map((child) => run(manager, child));
        seen.push(manager.active().getValue(NAME));
        await waits[wait]();
        seen.push(manager.active().getValue(NAME), ...(await Promise.all(parts)), manager.active().getValue(NAME));
        return seen;
      };
      return context === '' ? body() : manager.with(named(context), body);
    };
    await fc.assert(
      fc.asyncProperty(work(4), async (tree) => {
        const [expected, actual] = [new AsyncLocalStorageContextManager(), new HookedContextManager()];
        running.push(expected.enable(), actual.enable());
        expect(await run(actual, tree)).toEqual(await run(expected, tree));
        for (const manager of running.splice(0)) manager.disable();
      }),
      { numRuns: 200 },
    );
  });

  it('end when they are turned off, and begin anew', async () => {
    const manager = new HookedContextManager();
    running.push(manager);
    await manager.with(named('a'), async () => {
      manager.disable();
      expect(manager.active()).toBe(ROOT_CONTEXT);
      await tick();
      expect(manager.active()).toBe(ROOT_CONTEXT);
    });
    await manager.with(named('b'), async () => {
      await tick();
      expect(manager.active().getValue(NAME)).toBe('b');
    });
    expect(manager.active()).toBe(ROOT_CONTEXT);
  });

  it('are not those that another manager left behind', async () => {
    const [first, second] = [new HookedContextManager(), new HookedContextManager()];
    running.push(first, second);
    await first.with(named('a'), async () => {
      first.disable();
      second.with(named('b'), () => undefined);
      expect(second.active()).toBe(ROOT_CONTEXT);
      await tick();
      expect(second.active()).toBe(ROOT_CONTEXT);
    });
  });
});
