import { paletteCss } from './colours.js';

const light = `${paletteCss('light')};--agent-none:#dfe3e8;--page:#f4f6f8;--card:#fff;--ink:#16202b;--soft:#566472;--line:#dbe1e7;--accent:#1463c2;--accent-ink:#fff;--error:#c02626;--error-soft:#fdecec;--warn:#8a5a00;--warn-soft:#fdf3dc;--hit:#ff9be8;--same:#e6e9ed;--worse:#ef8a62;--better:#67a9cf;--shadow:0 1px 2px #1020301a`;
const dark = `${paletteCss('dark')};--agent-none:#3a434e;--page:#0e1216;--card:#171c22;--ink:#e8edf2;--soft:#9aa7b4;--line:#2b333c;--accent:#6cb0ff;--accent-ink:#0b1622;--error:#ff8078;--error-soft:#3a1a1b;--warn:#f0c05a;--warn-soft:#352a10;--hit:#a8278c;--same:#343c46;--worse:#a34a26;--better:#22638c;--shadow:none`;

/** The style of every page: one type scale, cards on a quiet ground, both colour schemes. */
export const pageCss = `
:root{color-scheme:light dark;${light}}
@media (prefers-color-scheme:dark){:root{${dark}}}
*{box-sizing:border-box}
[hidden]{display:none!important}
html{-webkit-text-size-adjust:100%}
body{margin:0;background:var(--page);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue","Liberation Sans",sans-serif;font-variant-numeric:tabular-nums}
main{max-width:1280px;margin:0 auto;padding:20px 24px 48px;display:grid;grid-template-columns:minmax(0,1fr);gap:16px}
h1,h2,h3,h4,p{margin:0}
h1{font-size:24px;line-height:1.25;letter-spacing:-.01em;overflow-wrap:anywhere}
h2{font-size:17px;line-height:1.3;margin-bottom:12px}
h3{font-size:14px;margin:18px 0 6px}
.top{display:flex;flex-wrap:wrap;gap:4px 16px;align-items:baseline;justify-content:space-between}
.window,.small,.note,.notes,.status,.totals{color:var(--soft);font-size:13px}
.card{background:var(--card);border:1px solid var(--line);border-radius:12px;padding:18px 20px;box-shadow:var(--shadow);min-width:0}
.empty{color:var(--soft);padding:20px 0;text-align:center}
.nothing{padding:56px 24px;text-align:center}.nothing p{max-width:560px;margin:0 auto;color:var(--soft)}
code{font:13px ui-monospace,SFMono-Regular,Menlo,"Liberation Mono",monospace;overflow-wrap:anywhere}
.scroll{overflow-x:auto;border-radius:6px}
button,input{font:inherit;color:inherit}
:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
td.failed,.grew{color:var(--error)}.shrank{color:var(--accent)}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(150px,1fr));gap:12px}
.tile{background:var(--card);border:1px solid var(--line);border-radius:12px;padding:12px 16px;display:grid;color:var(--ink);box-shadow:var(--shadow)}
.tile .label{font-size:13px;color:var(--soft)}.tile strong{font-size:26px;line-height:1.25;font-weight:650;letter-spacing:-.02em}
.tile.failed strong{color:var(--error)}
.tile .small{min-height:1.5em}

svg.graph{display:block;width:100%;height:auto;margin:0 auto;font:14px system-ui,-apple-system,"Segoe UI",Roboto,"Liberation Sans",sans-serif}
.graph text{fill:var(--ink)}.graph .name{font-weight:600}.graph .small{font-size:12px;fill:var(--soft)}.graph text.failed{fill:var(--error)}
.graph .node rect:first-of-type{fill:var(--page);stroke:var(--line);stroke-width:1.2}
.graph .node.failed rect:first-of-type{stroke:var(--error)}
.graph .node.start rect:first-of-type{fill:var(--ink);stroke:none}.graph .node.start text{fill:var(--card)}
.graph .node.virtual rect:first-of-type{fill:none;stroke:var(--error);stroke-dasharray:5 4}
.graph .node.missing rect:first-of-type{fill:var(--warn-soft);stroke:var(--warn);stroke-dasharray:2 3}
.graph .edge{fill:none;stroke:var(--soft);opacity:.75}.graph .edge.failed{stroke:var(--error)}.graph .edge.virtual{stroke-dasharray:5 4}
.graph marker path{fill:var(--soft)}.graph [id^=arrow-error] path{fill:var(--error)}
.graph .call rect{fill:var(--card)}
.calls{display:none;list-style:none;margin:0;padding:0;font-size:14px;overflow-wrap:anywhere}.calls ul{list-style:none;margin:4px 0 10px;padding-left:17px}.calls ul li{padding:3px 0}.calls .dot{margin-right:5px}
.numbers{margin-top:14px;font-size:14px}.numbers summary{cursor:pointer;color:var(--accent);width:max-content}.numbers .scroll{margin-top:12px}
table{border-collapse:collapse;width:100%;font-size:14px}
th{font-weight:600;color:var(--soft);font-size:12.5px}
th,td{text-align:left;padding:6px 12px 6px 0;border-bottom:1px solid var(--line);overflow-wrap:anywhere;min-width:90px}
td:first-child,th:first-child{min-width:200px}
th.n,td.n{text-align:right;white-space:nowrap;overflow-wrap:normal}
td em{color:var(--error);font-style:normal}
.dot{display:inline-block;width:10px;height:10px;border-radius:3px;margin-right:7px;flex:none;box-shadow:inset 0 0 0 1px #0000001f}

.controls{display:flex;flex-wrap:wrap;gap:8px 14px;align-items:center}
.switch{border:1px solid var(--line);border-radius:8px;padding:2px;margin:0;display:inline-flex;background:var(--page);min-width:0}
.switch legend{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
.switch input{position:absolute;opacity:0;pointer-events:none}
.switch label{position:relative;cursor:pointer}
.switch span{display:block;padding:4px 11px;border-radius:6px;font-size:14px;white-space:nowrap}
.switch input:checked+span{background:var(--accent);color:var(--accent-ink)}
.switch input:focus-visible+span{outline:2px solid var(--accent);outline-offset:2px}
.check{display:inline-flex;gap:7px;align-items:center;font-size:14px;cursor:pointer}.check input{width:16px;height:16px;margin:0;accent-color:var(--accent)}
.tools{display:inline-flex;gap:8px;margin-left:auto}
.tools input{width:170px;padding:5px 10px;border:1px solid var(--line);border-radius:8px;background:var(--page);font-size:14px;min-width:0}
.tools button,.close,.more,.next-error{border:1px solid var(--line);border-radius:8px;background:var(--page);padding:5px 12px;font-size:14px;cursor:pointer;white-space:nowrap}
.tools button:disabled{opacity:.45;cursor:default}
.status{margin:10px 0 8px;white-space:nowrap;overflow:hidden;text-overflow:ellipsis}
.legend{display:none;font-size:13px;color:var(--soft);margin-bottom:8px}.comparing .legend{display:block}
.key{display:inline-block;width:12px;height:12px;border-radius:3px;margin:0 6px -1px 12px}.key:first-child{margin-left:0}
.key.better{background:var(--better)}.key.same{background:var(--same)}.key.worse{background:var(--worse)}
.chart{max-height:75vh;overflow:hidden auto;border-radius:4px}
.chart svg{display:block;margin-bottom:-40px}
.chart .frame rect{stroke:var(--card);stroke-width:1;cursor:pointer}
.chart .frame:hover rect{stroke:var(--ink)}
.chart .frame.fade{opacity:.55}
.chart .frame.current rect{stroke:var(--accent);stroke-width:2.5}
.d3-flame-graph-label{white-space:nowrap;text-overflow:ellipsis;overflow:hidden;font-size:12px;line-height:20px;padding:0 5px;color:var(--ink)}
.notes{margin:8px 0 0;padding:0;list-style:none}.note{margin-top:8px}
.tip{position:fixed;z-index:9;max-width:min(460px,calc(100vw - 16px));background:var(--ink);color:var(--card);padding:6px 10px;border-radius:6px;font-size:13px;pointer-events:none;overflow-wrap:anywhere;max-height:40vh;overflow:hidden}

.columns{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,460px),1fr));gap:16px}
.traces{list-style:none;margin:0 -8px;padding:0}
.traces li+li{border-top:1px solid var(--line)}
.trace{display:grid;gap:3px;width:100%;text-align:left;border:0;background:none;padding:9px 8px;border-radius:8px;min-width:0}
button.trace{cursor:pointer}button.trace:hover{background:var(--page)}
.trace .line{display:flex;gap:8px;align-items:baseline;min-width:0}
.trace .root{flex:1;min-width:0;white-space:nowrap;overflow:hidden;text-overflow:ellipsis}
.agent{font-weight:600}
.trace .took{font-weight:600;white-space:nowrap}
.badge,.role{font-size:12px;line-height:18px;padding:0 7px;border-radius:9px;white-space:nowrap;flex:none}
.badge{background:var(--error-soft);color:var(--error)}.badge.warn,.role.warn{background:var(--warn-soft);color:var(--warn)}
.meter{height:3px;border-radius:2px;background:var(--line)}.meter span{display:block;height:100%;border-radius:2px;background:var(--accent)}

dialog{width:min(1240px,calc(100vw - 32px));max-width:none;height:calc(100vh - 48px);max-height:none;border:1px solid var(--line);border-radius:12px;padding:0;background:var(--card);color:var(--ink);overflow-y:auto}
dialog::backdrop{background:#0009}
dialog header{position:sticky;top:0;z-index:3;display:flex;gap:12px;align-items:center;justify-content:space-between;background:var(--card);border-bottom:1px solid var(--line);padding:12px 20px}
dialog h2{margin:0;overflow-wrap:anywhere}
dialog .content{padding:14px 20px 24px}

.waterfall{display:grid;gap:10px;grid-template-columns:minmax(0,1fr)}
.next-error{justify-self:start;color:var(--error)}
.axis,.span>summary{display:grid;grid-template-columns:minmax(0,46%) 84px minmax(0,1fr);gap:10px;align-items:center}
.axis{font-size:12px;color:var(--soft);border-bottom:1px solid var(--line);padding-bottom:4px;margin-bottom:-8px}
.took{text-align:right;white-space:nowrap;font-size:13px}
.lane{position:relative;height:18px;display:block}
.tick{position:absolute;white-space:nowrap;padding-left:4px;border-left:1px solid var(--line)}
.tick.end{transform:translateX(-100%);border-left:0;border-right:1px solid var(--line);padding:0 4px 0 0}
.long .span{content-visibility:auto;contain-intrinsic-size:auto 30px}
.span>summary{cursor:pointer;padding:3px 0;min-height:28px;list-style:none;border-radius:4px}
.span>summary::-webkit-details-marker{display:none}
.span>summary:hover{background:var(--page)}
.span>summary:focus-visible{outline-offset:-2px}
.span .what{display:block;padding-left:calc(var(--depth)*16px + 16px);min-width:0;position:relative;font-size:14px;line-height:22px}
.span .what::before{content:"";position:absolute;left:calc(var(--depth)*16px + 3px);top:8px;border:4px solid transparent;border-left-color:var(--soft);border-right:0}
.span[open] .what::before{transform:rotate(90deg)}
.span .label{display:flex;gap:0 7px;align-items:center;min-width:0}
.span .dot{margin:0}
.span .agent,.span .name{min-width:0;overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
.span .agent{flex:none;max-width:60%}.span .name{flex:0 1 auto}
.role{background:var(--page);color:var(--soft);border:1px solid var(--line);line-height:16px}
.level{font-size:11px;color:var(--soft)}
.problem{color:var(--error);font-size:13px;line-height:18px;overflow-wrap:anywhere;display:-webkit-box;-webkit-line-clamp:2;-webkit-box-orient:vertical;overflow:hidden}
.span .bar{position:absolute;top:3px;bottom:3px;min-width:3px;border-radius:3px;box-shadow:inset 0 0 0 1px #00000026}
.span.failed .bar{box-shadow:inset 0 0 0 2px var(--error)}
.span.failed .name{color:var(--error)}
.facts{margin:4px 0 12px 16px;padding:12px 14px;background:var(--page);border-radius:8px;font-size:13px}
.facts h4{font-size:13px;margin:12px 0 4px}
dl{margin:0;display:grid;grid-template-columns:minmax(120px,max-content) minmax(0,1fr);gap:2px 14px}
dt{color:var(--soft);overflow-wrap:anywhere;max-width:280px}dd{margin:0;overflow-wrap:anywhere;white-space:pre-wrap;unicode-bidi:isolate}
.event{margin-bottom:6px}.event-name{font-weight:600}

@media (max-width:640px){
.tile:last-child:nth-child(odd){grid-column:1/-1}
.status{white-space:normal;overflow-wrap:anywhere;min-height:3em;display:-webkit-box;-webkit-line-clamp:2;-webkit-box-orient:vertical}
.changes th:nth-child(2),.changes td:nth-child(2){display:none}.changes th,.changes td{min-width:0!important}
.span .label{flex-wrap:wrap}.span .agent,.span .name{white-space:normal;overflow-wrap:anywhere;max-width:none}.span .agent{flex:0 1 auto}
.picture{display:none}.calls{display:block}
main{padding:14px 12px 32px;gap:12px}
.card{padding:14px}
h1{font-size:20px}
.tiles{grid-template-columns:repeat(2,1fr)}.tile strong{font-size:22px}
.controls{gap:8px}
.switch{flex-wrap:wrap}.switch span{padding:4px 9px;font-size:13px}
.tools{margin-left:0;width:100%}.tools input{flex:1}
.trace .line{flex-wrap:wrap}.trace .root{flex-basis:100%;white-space:normal;overflow-wrap:anywhere}
.trace .took{margin-left:auto}
dialog{width:100vw;height:100dvh;border:0;border-radius:0;margin:0}
dialog .content{padding:12px}dialog header{padding:10px 12px}
.axis,.span>summary{grid-template-columns:minmax(0,1fr) 76px;gap:2px 8px}
.axis .lane,.span .lane{grid-column:1/-1}
.tick:nth-child(even){display:none}
.span>summary{padding:6px 0;border-bottom:1px solid var(--line)}
.span .what{padding-left:calc(min(var(--depth),5)*10px + 14px)}.span .what::before{left:calc(min(var(--depth),5)*10px + 2px)}
.facts{margin-left:0}
dl{grid-template-columns:minmax(0,1fr)}dd{margin-bottom:6px}dt{max-width:none}
}
@media print{.controls,.close{display:none}.card,.tile{break-inside:avoid}}
`.trim();
