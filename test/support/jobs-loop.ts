/** A program for tests: `jobs-loop.ts URL DATABASE` runs the jobs over and over, until it is killed. */
import { connect } from '../../src/clickhouse/client.js';
import { runJobs } from '../../src/jobs/run.js';

const [url = '', database = ''] = process.argv.slice(2);
const client = connect({ url });
for (;;) {
  try {
    await runJobs(client, { database, url, marginSeconds: 5, spansPerBuild: 500 });
  } catch {
    // no schema yet, or in the middle of a change: the next round tries again
    await new Promise((wake) => setTimeout(wake, 50));
  }
}
