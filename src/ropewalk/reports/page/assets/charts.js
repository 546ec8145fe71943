// Charts: each is a function that says its traces and layout; it is drawn when it comes into view, and again when
// something that it depends on changes.
const state = { measure: "growth", scale: "linear", span: "all", stack: "share", trips: "trips", prices: "linear" };
const charts = {};
const NEAR = 600;
let range = null;
let data = null;

// Plotly reads a little HTML in names; ours are plain text.
const plain = (text) => String(text).replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
const faint = (rgb, alpha) => rgb.replace("rgb(", "rgba(").replace(")", `, ${alpha})`);

function axis(extra = {}) {
  const line = color("--line");
  return {
    gridcolor: line, linecolor: line, zerolinecolor: color("--muted"), zerolinewidth: 1, automargin: true,
    tickfont: { size: 12 }, ...extra,
  };
}

// Around a single instant plotly would show milliseconds.
function timeAxis(extra = {}) {
  const at = data.curves ? data.curves.at : [];
  const shown = range ?? (at.length === 1 ? [at[0] - DAY, at[0] + DAY] : null);
  return axis({ type: "date", showgrid: false, ...(shown ? { range: [...shown] } : {}), ...extra });
}

function layout(extra) {
  const narrow = innerWidth < 700;
  return {
    paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)",
    font: { family: getComputedStyle(document.body).fontFamily, size: 12.5, color: color("--muted") },
    margin: { l: narrow ? 40 : 52, r: 8, t: 8, b: 28 },
    legend: { orientation: "h", x: 0, y: 1.02, yanchor: "bottom", font: { color: color("--ink") }, itemwidth: 30 },
    hovermode: "x unified",
    hoverlabel: { bgcolor: color("--paper"), bordercolor: color("--line"), font: { color: color("--ink"), size: 12.5 } },
    modebar: { bgcolor: "rgba(0,0,0,0)", color: color("--muted"), activecolor: color("--ink") },
    dragmode: isTouched ? false : "zoom",
    separators: ".,",
    ...extra,
  };
}

const isTouched = matchMedia("(pointer: coarse)").matches;
const CONFIG = {
  responsive: true, displaylogo: false, displayModeBar: isTouched ? false : "hover", doubleClick: "reset",
  modeBarButtons: [["zoom2d", "pan2d", "resetScale2d", "toImage"]],
};

function draw(name) {
  const chart = charts[name];
  if (!chart || !chart.isSeen) return;
  const told = chart.tell();
  if (!told) return;
  chart.isDrawing = true;
  Plotly.react(chart.element, told.traces, layout(told.layout), CONFIG).then(() => {
    chart.isDrawing = false;
    if (!chart.isHeard) {
      chart.isHeard = true;
      chart.element.on("plotly_relayout", (change) => zoomed(name, change));
      if (chart.click) chart.element.on("plotly_click", chart.click);
    }
    chart.element.dataset.drawn = String(Number(chart.element.dataset.drawn || 0) + 1);
  });
}

function chart(name, tell, { click = null, isTimed = true } = {}) {
  const element = find(`[data-chart="${name}"]`);
  if (!element) return;
  charts[name] = { element, tell, click, isTimed, isSeen: false, isHeard: false, isDrawing: false };
  repaints.push(() => draw(name));
  const show = () => { charts[name].isSeen = true; draw(name); };
  // An observer would answer one frame later.
  if (element.getBoundingClientRect().top < innerHeight + NEAR) show();
  else {
    new IntersectionObserver((entries, watch) => {
      if (!entries.some((entry) => entry.isIntersecting)) return;
      watch.disconnect();
      show();
    }, { rootMargin: `${NEAR}px` }).observe(element);
  }
}

// A zoom of one chart over time is a zoom of all.
function zoomed(name, change) {
  if (charts[name].isDrawing || !charts[name].isTimed) return;
  const first = change["xaxis.range[0]"] ?? change["xaxis.range"]?.[0];
  if (first !== undefined) {
    range = [first, change["xaxis.range[1]"] ?? change["xaxis.range"][1]];
  } else if (change["xaxis.autorange"]) {
    range = null;
  } else return;
  Object.keys(charts).forEach((other) => { if (other !== name && charts[other].isTimed) draw(other); });
}

function spanned(years) {
  const at = data.curves.at;
  const last = at[at.length - 1];
  range = years === "all" ? null : [Math.max(at[0], last - Number(years) * 365.25 * 86400000), last];
  Object.keys(charts).forEach((name) => { if (charts[name].isTimed) draw(name); });
}

function modes() {
  all("[data-modes]").forEach((group) => group.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    all("button", group).forEach((one) => one.setAttribute("aria-pressed", String(one === button)));
    state[group.dataset.modes] = button.dataset.value;
    if (group.dataset.modes === "span") spanned(button.dataset.value);
    else repaint();
  }));
}

function printed() {
  Object.keys(charts).forEach((name) => { charts[name].isSeen = true; draw(name); });
}
addEventListener("beforeprint", printed);
