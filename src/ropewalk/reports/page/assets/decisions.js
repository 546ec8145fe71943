// The table of decisions: searched, filtered, sorted, and each with its explanation.
let pair = null;
let pages = null;

function outcome(row) {
  const { outcome: kinds, filled, fills, split, price: prices } = data.decisions;
  const rest = ["still rests", "", "lapsed", "nothing"][kinds[row]];
  if (!fills[row]) return rest;
  const since = split[row] ? ", counted in shares as after the split" : "";
  const parts = fills[row] > 1 ? ` in ${fills[row]} fills${since}` : "";
  const lots = number(Math.abs(filled[row]), Number.isInteger(filled[row]) ? 0 : 2);
  const what = `${filled[row] > 0 ? "bought" : "sold"} ${lots} at ${price(prices[row])}${parts}`;
  return rest ? `${what}, the rest ${rest}` : what;
}

function decided() {
  const d = data.decisions;
  const name = (row) => data.owners[d.strategy[row]].name;
  const amount = (value) => (value ? money(value) : "–");
  const swatch = (row) => {
    const mark = made("i", { className: "swatch", aria: { hidden: "true" } });
    mark.style.setProperty("--c", `var(${data.owners[d.strategy[row]].color})`);
    return made("span", {}, mark, name(row));
  };
  const columns = [
    { title: "Number", order: (row) => d.number[row], cell: (row) => made("button", {
      type: "button", className: "plain", textContent: d.number[row], onclick: () => explain(d.end[row]),
      aria: { label: `Explain decision ${d.number[row]}` } }) },
    { title: "Time", isText: true, order: (row) => d.at[row], cell: (row) => moment(d.at[row]) },
    { title: "Strategy", isText: true, order: name, cell: swatch },
    { title: "Symbol", isText: true, order: (row) => d.symbols[d.symbol[row]], cell: (row) => d.symbols[d.symbol[row]] },
    { title: "Side", isText: true, order: (row) => d.side[row], cell: (row) => (d.side[row] ? "buy" : "sell") },
    { title: "Verdict", isText: true, order: (row) => d.verdicts[d.verdict[row]], cell: (row) => d.verdicts[d.verdict[row]] },
    { title: "Reason", isText: true, order: (row) => d.reasons[d.reason[row]], cell: (row) => d.reasons[d.reason[row]] },
    { title: "Asked", order: (row) => d.asked[row], cell: (row) => amount(d.asked[row]) },
    { title: "Granted", order: (row) => d.granted[row], cell: (row) => amount(d.granted[row]) },
    { title: "Closes", order: (row) => d.closes[row], cell: (row) => (d.closes[row] ? number(d.closes[row]) : "–") },
    { title: "Outcome", isText: true, order: outcome, cell: outcome },
  ];
  pages = new Pages(find('[data-table="decisions"]'), columns, { label: "Decisions", none: "No decision fits the filters." });
  // What a search looks through, put together when somebody searches.
  let said = null;
  const words = () => Array.from(d.number, (one, row) =>
    [one, moment(d.at[row]), name(row), d.symbols[d.symbol[row]], d.side[row] ? "buy" : "sell", d.verdicts[d.verdict[row]],
      d.reasons[d.reason[row]], outcome(row)].join(" ").toLowerCase());
  const filter = () => {
    const sought = find("#search").value.toLowerCase().split(/\s+/).filter(Boolean);
    if (sought.length) said ??= words();
    const wanted = all("select[data-filter]").filter((one) => one.value !== "").map((one) => [d[one.dataset.filter], Number(one.value)]);
    const isMet = find('input[data-filter="conflict"]').checked;
    const rows = [];
    for (let row = 0; row < d.number.length; row += 1) {
      if (wanted.some(([column, value]) => column[row] !== value)) continue;
      if (isMet && !d.conflict[row]) continue;
      if (pair && !met(row)) continue;
      if (sought.every((word) => said[row].includes(word))) rows.push(row);
    }
    pages.show(rows);
  };
  const met = (row) => {
    const between = d.conflict[row] ? data.conflicts.between[d.conflict[row] - 1] : [];
    return pair.includes(d.strategy[row]) && pair.every((seat) => between.includes(seat));
  };
  find("#search").addEventListener("input", filter);
  all("[data-filter]").forEach((one) => one.addEventListener("change", () => { pair = null; filter(); }));
  const clear = () => {
    pair = null;
    find("#search").value = "";
    all("select[data-filter]").forEach((one) => { one.value = ""; });
    find('input[data-filter="conflict"]').checked = false;
  };
  find("#clear").addEventListener("click", () => { clear(); filter(); });
  all("[data-pair]").forEach((one) => one.addEventListener("click", () => {
    clear();
    find('input[data-filter="conflict"]').checked = true;
    pair = one.dataset.pair.split(" ").map(Number);
    filter();
    find("#decisions").scrollIntoView();
  }));
  filter();
}

function decisions() {
  if (find('[data-table="decisions"]')) decided();
}
