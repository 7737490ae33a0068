/* The style sheet of a page. Pieces, because C promises only 4095 characters of one string. */
#include <stddef.h>

#include "io/page.h"

static const char colours[] =
    ":root{--ground:#fff;--card:#fff;--plot:#f3f4f6;--ink:#1b1f24;--soft:#57606a;--line:#d8dde3;--grid:#e6e9ed;--push:#ff0051;--push-ink:#c3003e;"
    "--pull:#008bfb;--pull-ink:#005fb0;--usual:#9aa6b4;--rest:#b4bcc6;--held:#3d4854;--mark:#1b1f24;--range:#c5d3de;--focus:#005fb0}\n"
    "@media (prefers-color-scheme:dark){:root{--ground:#14171b;--card:#1b1f24;--plot:#252a31;--ink:#e6e9ed;--soft:#a3adb8;--line:#363d46;"
    "--grid:#2d333b;--push:#ff2e6d;--push-ink:#ff7a9f;--pull:#2e9dff;--pull-ink:#7cc0ff;--usual:#66727f;--rest:#59636e;--held:#c9d1d9;"
    "--mark:#e6e9ed;--range:#46535f;--focus:#7cc0ff}}\n";

static const char text[] =
    "*{box-sizing:border-box}html{-webkit-text-size-adjust:100%}\n"
    "body{margin:0;background:var(--ground);color:var(--ink);font:16px/1.55 system-ui,-apple-system,\"Segoe UI\",Roboto,\"Helvetica Neue\",\"Noto "
    "Sans\","
    "\"Liberation Sans\",Arial,sans-serif;font-variant-numeric:tabular-nums;overflow-wrap:break-word}\n"
    "main,footer{max-width:62rem;margin:0 auto;padding:0 1.25rem}main{padding-top:2.5rem}\n"
    "footer{color:var(--soft);font-size:.85rem;padding-top:1.5rem;padding-bottom:3rem}\n"
    "h1{font-size:1.9rem;line-height:1.2;margin:0 0 .4rem;letter-spacing:-.01em;text-wrap:balance}\n"
    "h2{font-size:1.3rem;line-height:1.3;margin:0 0 .6rem;letter-spacing:-.005em}h3{font-size:1.05rem;margin:0;line-height:1.35}\n"
    "section{margin:3rem 0}p{margin:.5rem 0;max-width:44rem}.lead{font-size:1.15rem;max-width:46rem}.soft,small{color:var(--soft)}\n"
    "a{color:var(--pull-ink);text-underline-offset:.15em;text-decoration-thickness:from-font}\n"
    "a:focus-visible{outline:2px solid var(--focus);outline-offset:2px;border-radius:2px}\n"
    ".unseen{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}\n"
    ".warning{border-left:3px solid var(--push);padding:.15rem 0 .15rem .8rem}\n";

static const char blocks[] =
    ".facts{display:flex;flex-wrap:wrap;gap:1px;margin:1.4rem 0 0;background:var(--line);"
    "border:1px solid var(--line);border-radius:8px;overflow:hidden}\n"
    ".facts div{flex:1 1 8rem;background:var(--card);padding:.7rem .9rem}.facts dt{color:var(--soft);font-size:.82rem}"
    ".facts dd{margin:0;font-size:1.45rem;line-height:1.3;font-weight:600;letter-spacing:-.01em}.facts .alert{color:var(--push-ink)}\n"
    ".terms{display:grid;grid-template-columns:max-content 1fr;gap:.35rem 1.2rem;margin:.8rem 0 0;max-width:50rem}"
    ".terms dt{font-weight:600}.terms dd{margin:0}\n"
    "figure{margin:1rem 0}figcaption,.legend,caption{color:var(--soft);font-size:.88rem}figcaption{margin-top:.3rem;max-width:46rem}\n"
    ".card{border:1px solid var(--line);border-radius:8px;background:var(--card);padding:1rem 1.1rem .7rem;margin:1.1rem 0}\n"
    ".card header{display:flex;flex-wrap:wrap;gap:.1rem .9rem;align-items:baseline}.card header span{color:var(--soft);font-size:.92rem}\n"
    ".wide{overflow-x:auto}\n"
    ".gallery{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(26rem,100%),1fr));gap:0 1rem}\n"
    ".pictures{display:flex;gap:.8rem;margin:.8rem 0 .4rem}.pictures figure{margin:0;flex:0 1 10.5rem}"
    ".pictures figcaption{text-align:center;line-height:1.35}\n"
    ".pixels,.heat{width:100%;height:auto;display:block;image-rendering:pixelated;border-radius:4px}.heat{background:var(--plot)}"
    ".thumb{width:3rem;height:auto;image-rendering:pixelated;border-radius:3px;vertical-align:middle;margin-right:.3rem}.thumb.heat{display:inline-"
    "block}\n";

static const char tables[] =
    "table{border-collapse:collapse;width:100%;font-size:.92rem}caption{text-align:left;padding:0 0 .5rem;caption-side:top}\n"
    "th{text-align:left;font-weight:400}thead th{color:var(--soft);font-size:.82rem;vertical-align:bottom}td,th{padding:0;vertical-align:middle}\n"
    "th bdi,td bdi{overflow-wrap:anywhere}.num{text-align:right;white-space:nowrap}small{display:block;font-size:.8rem;line-height:1.3}\n"
    ".ranking td,.ranking th{padding:.42rem .9rem .42rem 0;border-bottom:1px solid var(--grid);vertical-align:top}"
    ".ranking td:last-child{padding-right:0}.ranking ol{list-style:none;margin:0;padding:0}.ranking tbody th{min-width:7.5rem}\n"
    ".ranking .why{min-width:17rem;font-size:.86rem;line-height:1.4}\n"
    ".waterfall{table-layout:fixed;margin-top:.6rem}.waterfall th{padding:.28rem .8rem .28rem 0;line-height:1.3}.waterfall .label{width:40%}"
    ".waterfall col.glyph{width:108px}.waterfall col.number{width:4.8rem}.waterfall .glyph svg{display:block}"
    ".waterfall .bar{position:relative;height:44px}.bar svg{position:absolute;left:0;top:0;width:100%;height:100%}\n"
    ".waterfall tfoot td,.waterfall tfoot th{border-top:1px solid var(--line);vertical-align:top}.waterfall tfoot .num{padding-top:.28rem}"
    ".waterfall tfoot th{font-weight:600}.waterfall tfoot small{font-weight:400}.rest th{color:var(--soft)}\n"
    ".strip{table-layout:fixed}.strip th:first-child,.strip td:first-child{width:10.5rem}.strip .num{width:5.5rem;padding-left:.6rem}"
    ".strip svg,.features svg{display:block}.strip svg svg{display:inline}.strip tbody th{white-space:nowrap;overflow:hidden;text-overflow:ellipsis;"
    "padding-right:.6rem;font-size:.85rem;line-height:1.1}.strip .num{font-size:.85rem}\n"
    ".features{table-layout:fixed}.features .label{width:24%}.features col.mean{width:24%}.features col.number{width:5.6rem}"
    ".features th:first-child{padding-right:.8rem;line-height:1.25}.features .num{padding-right:1.2rem}"
    ".features tbody td,.features tbody th{border-top:1px solid var(--grid)}\n"
    ".model th{width:14rem;color:var(--soft);padding:.25rem 1rem .25rem 0;vertical-align:top}.model td{padding:.25rem 0}.model{max-width:46rem}\n";

static const char marks[] =
    "svg text{fill:var(--soft);font-size:12px}svg .mark{fill:var(--ink);font-weight:600}.grid{stroke:var(--grid)}.zero{stroke:var(--line)}\n"
    ".push{fill:var(--push)}.pull{fill:var(--pull)}.usual{fill:var(--usual)}.residual{fill:var(--rest)}.plot{fill:var(--plot)}\n"
    ".link{stroke:var(--soft);stroke-dasharray:2 2}.threshold{stroke:var(--mark);stroke-width:1.5;stroke-dasharray:5 3}.end{fill:var(--ink)}\n"
    ".held{fill:none;stroke:var(--held);stroke-width:1.5;vector-effect:non-scaling-stroke}\n"
    ".range-line{stroke:var(--line)}.range{fill:var(--range)}.expected{fill:var(--ink)}.value{stroke:var(--card);stroke-width:1.5}\n"
    ".key{display:inline-block;width:.75em;height:.75em;border-radius:2px;margin:0 .35em 0 .6em}figcaption .key:first-child{margin-left:0}"
    ".usual-key{background:var(--usual)}.push-key{background:var(--push)}.pull-key{background:var(--pull)}"
    ".held-key{height:0;border-top:2px solid var(--held);border-radius:0;vertical-align:middle;width:1.1em}"
    ".key-line{display:inline-block;border-left:1.5px dashed var(--mark);height:.85em;margin:0 .45em 0 .15em;vertical-align:-.1em}"
    ".key-band{display:inline-block;background:var(--range);width:1.6em;height:.55em;border-radius:2px}.key-tick{display:inline-block;background:var("
    "--ink);"
    "width:2.5px;height:.9em;vertical-align:-.1em}.key-dot{display:inline-block;background:var(--push);width:.6em;height:.6em;border-radius:50%}\n"
    ".dot{fill:none;stroke-width:5.2px;stroke-linecap:round;vector-effect:non-scaling-stroke;stroke-opacity:.85}\n"
    ".v0{stroke:#008bfb}.v1{stroke:#3f78ee}.v2{stroke:#6f66dd}.v3{stroke:#9b52c4}.v4{stroke:#c03aa6}.v5{stroke:#df1f80}.v6{stroke:#ff0051}.v7{stroke:"
    "var(--usual)}\n"
    ".legend svg{vertical-align:-1px}\n";

static const char panels[] =
    ".panels{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(13.5rem,100%),1fr));gap:.4rem 1.4rem}.panels figure{margin:.3rem 0}"
    ".line{fill:none;stroke-width:1.7px;vector-effect:non-scaling-stroke;stroke-linejoin:round}.line.usual{stroke:var(--usual)}"
    ".line.push{stroke:var(--push)}.line.pull{stroke:var(--pull)}.key-stroke{display:inline-block;width:1.4em;height:.5em;margin:0 .35em 0 .8em}"
    ".key-stroke .line{stroke-width:2.5px}\n"
    ".wide{overflow-x:auto}.figures td,.figures th{padding:.32rem .9rem .32rem 0;border-bottom:1px solid var(--grid);vertical-align:top}"
    ".figures thead th{white-space:nowrap}.figures small{color:var(--soft);white-space:nowrap}.figures tbody th{white-space:nowrap}"
    ".ticks td,.ticks thead th{text-align:center}.ticks thead th:first-child{text-align:left}.ticks .yes{color:var(--pull-ink);font-weight:700}"
    ".ticks .no{color:var(--soft)}.maps{display:flex;flex-wrap:wrap;gap:.9rem 1rem}.maps figure{margin:0;width:6.4rem}"
    ".maps img{width:100%;margin-bottom:.2rem}.maps figcaption{line-height:1.25;font-size:.8rem;overflow-wrap:anywhere}\n";

static const char narrow[] =
    "@media (max-width:40rem){.ranking thead{display:none}.ranking tr{display:flex;flex-wrap:wrap;gap:0 1rem;padding:.6rem 0;border-bottom:1px solid "
    "var(--grid)}"
    ".ranking td,.ranking tbody th{padding:0;border:0;min-width:0}.ranking tbody th{flex:1 1 60%}.ranking tbody th "
    "small{display:inline;margin-left:.6em}.ranking .why{flex:1 0 100%;min-width:0}.ranking td[data-name]::before{content:attr(data-name) \" "
    "\";color:var(--soft);font-size:.82rem}"
    "body{font-size:15px}main{padding-top:1.5rem}h1{font-size:1.5rem}.terms{grid-template-columns:1fr;gap:0}.terms "
    "dd{margin-bottom:.5rem}"
    ".card{padding:.8rem .8rem .5rem}.waterfall tr{display:grid;grid-template-columns:1fr 6.4rem;padding:.3rem 0 0}.waterfall thead,.waterfall "
    "colgroup{display:none}"
    ".waterfall th{grid-column:1}.waterfall .glyph{grid-column:2;align-self:center}.waterfall "
    ".bar{grid-column:1;align-self:center}"
    ".waterfall .num{grid-column:2;align-self:center;padding-left:.6rem;min-width:4rem}.waterfall tfoot th{grid-column:1/3}"
    ".features,.features tbody,.features tfoot{display:block}.features thead,.features colgroup{display:none}.features "
    "tr{display:grid;grid-template-columns:1fr auto;"
    "padding:.4rem 0}.features tbody th:first-child{grid-column:1/3;width:auto;border:0}.features .mean,.features .num,.features "
    ".swarm{width:auto;border:0}"
    ".features tbody td{border:0}.features .num{padding:0 0 0 .6rem}.features .swarm{grid-column:1/3}.features tfoot td:not(.swarm){display:none}"
    ".features tbody tr{border-top:1px solid var(--grid)}.strip th:first-child,.strip td:first-child{width:7rem}.pictures figure{width:calc(33.3% - "
    ".7rem)}}\n"
    "@media "
    "print{:root{--ground:#fff;--card:#fff;--ink:#000;--soft:#444}body{font-size:10.5pt}main,footer{max-width:none;padding:0}.card,.facts,tr{break-"
    "inside:avoid}"
    "h2,h3,caption{break-after:avoid}section{margin:1.5rem "
    "0}rect,circle,path,.key,.key-band,.key-dot,.key-tick,.heat{-webkit-print-color-adjust:exact;print-color-adjust:exact}"
    "a{color:inherit;text-decoration:none}}\n"
    "@media (forced-colors:active){.push,.pull,.usual,.residual,.dot{forced-color-adjust:none}}\n";

const char *const ocelot_page_style[] = {colours, text, blocks, tables, marks, panels, narrow, NULL};
