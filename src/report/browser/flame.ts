import { type FlamePageData } from '../page-data.js';
import { find, pageData } from './dom.js';
import { startFlamePanel } from './flame-panel.js';

startFlamePanel(find(document, '.flame'), pageData<FlamePageData>());
