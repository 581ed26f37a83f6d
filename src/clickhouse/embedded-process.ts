/**
 * The child program of the embedded ClickHouse: `node embedded-process.js '<EmbeddedProcessOptions as JSON>'`.
 *
 * It calls `chdb_query_cmdline`, which is the whole `clickhouse local` program, on this process's main thread: ClickHouse measures
 * the stack it runs on, so a thread or a stack of someone else's will not do. The call holds until stdin closes: its last query
 * reads stdin as a table. So the server ends with its parent, however that ends. No JavaScript runs here meanwhile.
 */
import { rmSync } from 'node:fs';
import { createRequire } from 'node:module';

/** What the parent hands over. */
export interface EmbeddedProcessOptions {
  dataDir: string;
  port: number;
  /** Port of ClickHouse's own protocol. */
  tcpPort?: number;
  /** Remove the data directory when the server has ended. */
  temporary: boolean;
  /** A ClickHouse configuration file, for instance with `remote_servers`. */
  configFile?: string;
  /** SQL that opens the port, holds the program until stdin closes, and ends it. */
  statements: string;
}

/** The part of `ffi-rs` that is used; the package is optional, so its own types must not be needed. */
interface Ffi {
  open(library: { library: string; path: string }): void;
  load(call: {
    library: string;
    funcName: string;
    retType: number;
    paramsType: number[];
    paramsValue: [number, string[]];
  }): unknown;
  DataType: { I32: number; StringArray: number };
}

const options = JSON.parse(process.argv[2] ?? '{}') as EmbeddedProcessOptions;
const require = createRequire(import.meta.url);
const ffi = require('ffi-rs') as Ffi;
const { libchdbPath } = require('chdb/libchdb') as { libchdbPath: () => string };

const args = [
  'clickhouse',
  `--path=${options.dataDir}`,
  `--http_port=${options.port}`,
  ...(options.tcpPort === undefined ? [] : [`--tcp_port=${options.tcpPort}`]),
  '--listen_host=127.0.0.1',
  ...(options.configFile === undefined ? [] : [`--config-file=${options.configFile}`]),
  '--structure=line String',
  '--input-format=LineAsString',
  `--query=${options.statements}`,
];

ffi.open({ library: 'chdb', path: libchdbPath() });
ffi.load({
  library: 'chdb',
  funcName: 'chdb_query_cmdline',
  retType: ffi.DataType.I32,
  paramsType: [ffi.DataType.I32, ffi.DataType.StringArray],
  paramsValue: [args.length, args],
});
if (options.temporary) rmSync(options.dataDir, { recursive: true, force: true });
