import { agentFills } from '../colours.js';
import { type TracePageData } from '../page-data.js';
import { find, pageData } from './dom.js';
import { waterfall } from './waterfall.js';

const { trace, agents } = pageData<TracePageData>();
find(document, '#trace').replaceChildren(waterfall(trace, agentFills(agents)));
