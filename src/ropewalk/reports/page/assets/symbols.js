// A symbol's closes with the fills and round trips of the strategies, and the round trips as a table.
const chosen = (name) => find(`[data-select="${name}"]`).value;
const isChosen = (seat) => chosen("trader") === "" || Number(chosen("trader")) === seat;

function tripLines(one, color, seat, isWin) {
  const { trips } = one;
  const x = [], y = [];
  trips.strategy.forEach((its, row) => {
    if (its !== seat || (trips.net[row] > 0) !== isWin) return;
    x.push(trips.opened[row], trips.ended[row], null);
    y.push(trips.entry[row], trips.exit[row], null);
  });
  return {
    type: "scatter", mode: "lines", x, y, showlegend: false, legendgroup: seat, hoverinfo: "skip",
    line: { color, width: isWin ? 1.6 : 1.2, dash: isWin ? "solid" : "dot" },
  };
}

function fillMarks(one, owner, seat) {
  const { fills } = one;
  const rows = [...fills.number.keys()].filter((row) => fills.strategy[row] === seat);
  const pick = (column) => rows.map((row) => column[row]);
  return {
    type: "scatter", mode: "markers", name: plain(owner.name), legendgroup: seat,
    x: pick(fills.at), y: pick(fills.price), customdata: pick(fills.number),
    text: rows.map((row) => `${plain(owner.name)} ${fills.quantity[row] > 0 ? "bought" : "sold"} ${number(Math.abs(fills.quantity[row]))} at ${price(fills.price[row])}`),
    hovertemplate: "%{text}<extra></extra>",
    marker: {
      symbol: rows.map((row) => (fills.quantity[row] > 0 ? "triangle-up" : "triangle-down")),
      size: 8, color: color(owner.color), line: { color: color("--paper"), width: 0.8 },
    },
  };
}

function pricesChart() {
  const one = data.prices[Number(chosen("symbol"))];
  const traces = [{
    type: "scatter", mode: "lines", name: plain(one.symbol), x: one.at, y: one.close,
    line: { color: color("--muted"), width: 1.1 }, hovertemplate: "%{y:,.6~f}<extra></extra>",
  }];
  if (state.trips === "trips") {
    data.owners.forEach((owner, seat) => {
      if (!isChosen(seat) || !one.fills.strategy.includes(seat)) return;
      const hue = color(owner.color);
      traces.push(tripLines(one, hue, seat, true), tripLines(one, hue, seat, false), fillMarks(one, owner, seat));
    });
  }
  const shown = one.fills.number.length;
  find('[data-told="symbol"]').textContent = shown < one.filled
    ? `Of ${number(one.filled)} fills the ${number(shown)} largest are drawn.` : "";
  return { traces, layout: { xaxis: timeAxis(), yaxis: axis({ type: state.prices, tickformat: ",~f", ...(state.prices === "log" ? { dtick: "D2" } : {}) }), hovermode: "closest" } };
}

function tripsTable() {
  let trips = null;
  const span = (row) => (trips.ended[row] - trips.opened[row]) / DAY;
  const name = (row) => data.owners[trips.strategy[row]].name;
  const gained = (row) => made("span", { className: trips.net[row] > 0 ? "gain" : "loss", textContent: (trips.net[row] > 0 ? "+" : "") + money(trips.net[row]) });
  const columns = [
    { title: "Closed by", order: (row) => trips.number[row], cell: (row) => made("button", {
      type: "button", className: "plain", textContent: trips.number[row], onclick: () => explain(trips.number[row]),
      aria: { label: `Explain fill ${trips.number[row]}` } }) },
    { title: "Strategy", isText: true, order: name, cell: name },
    { title: "Side", isText: true, order: (row) => trips.quantity[row], cell: (row) => (trips.quantity[row] > 0 ? "long" : "short") },
    { title: "Largest", order: (row) => Math.abs(trips.quantity[row]), cell: (row) => number(Math.abs(trips.quantity[row])) },
    { title: "Opened", isText: true, order: (row) => trips.opened[row], cell: (row) => moment(trips.opened[row]) },
    { title: "Closed", isText: true, order: (row) => trips.ended[row], cell: (row) => moment(trips.ended[row]) },
    { title: "Days", order: span, cell: (row) => number(span(row), span(row) % 1 ? 1 : 0) },
    { title: "First fill at", order: (row) => trips.entry[row], cell: (row) => price(trips.entry[row]) },
    { title: "Last fill at", order: (row) => trips.exit[row], cell: (row) => price(trips.exit[row]) },
    { title: "Earned after fees", order: (row) => trips.net[row], cell: gained },
  ];
  const pages = new Pages(find('[data-table="trips"]'), columns, { label: "Round trips", none: "No round trip of this choice was closed.", length: 12 });
  return () => {
    trips = data.prices[Number(chosen("symbol"))].trips;
    pages.show([...trips.net.keys()].filter((row) => isChosen(trips.strategy[row])));
  };
}

// Where a fill lies on the line, the line may have been hit: then it is the fill beside it that was meant.
function nearby(point) {
  const { fills } = data.prices[Number(chosen("symbol"))];
  const { xaxis, yaxis } = charts.prices.element._fullLayout;
  const away = (row) => Math.hypot(xaxis.d2p(fills.at[row]) - xaxis.d2p(point.x), yaxis.d2p(fills.price[row]) - yaxis.d2p(point.y));
  const own = [...fills.number.keys()].filter((row) => isChosen(fills.strategy[row]) && away(row) < 10);
  if (own.length) explain(fills.number[own.reduce((one, other) => (away(other) < away(one) ? other : one))]);
}

function symbols() {
  if (!data.prices.length) return;
  const list = tripsTable();
  chart("prices", pricesChart, { click: ({ points }) => {
    const asked = points.find((point) => point.customdata !== undefined);
    if (asked) explain(asked.customdata);
    else if (state.trips === "trips") nearby(points[0]);
  } });
  ["symbol", "trader"].forEach((name) => find(`[data-select="${name}"]`).addEventListener("change", () => { draw("prices"); list(); }));
  list();
}
