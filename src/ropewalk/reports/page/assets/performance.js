// Performance and capital: equity with drawdown, allocation, exposure.
const owners = () => [
  { name: "Account", color: color("--ink"), dash: "solid", width: 2.4 },
  ...data.owners.map((one) => ({ name: one.name, color: color(one.color), dash: one.dash, width: 1.5 })),
];

function line(name, x, y, one, extra = {}) {
  return {
    type: "scatter", mode: x.length < 3 ? "lines+markers" : "lines", name: plain(name), x, y,
    line: { color: one.color, width: one.width, dash: one.dash }, ...extra,
  };
}

function equity() {
  const { at, owners: curves } = data.curves;
  const isLog = state.scale === "log";
  const isGrowth = state.measure === "growth";
  let hidden = 0;
  const traces = owners().flatMap((one, seat) => {
    let drawn = curves[seat][state.measure];
    if (isLog && drawn.some((value) => value <= 0)) {
      hidden += 1;
      drawn = drawn.map((value) => (value > 0 ? value : NaN));
    }
    return [
      line(one.name, at, drawn, one, { legendgroup: seat, hovertemplate: isGrowth ? "%{y:.3f}" : "%{y:,.0f}" }),
      line(one.name, at, curves[seat].drawdown, { ...one, width: seat ? 1 : 1.6 }, {
        legendgroup: seat, showlegend: false, yaxis: "y2", hovertemplate: "%{y:.1%}",
        ...(seat ? {} : { fill: "tozeroy", fillcolor: faint(one.color, 0.08) }),
      }),
    ];
  });
  find('[data-told="measure"]').textContent = isGrowth
    ? "growth of one unit of capital, net of flows" : "equity in the account's currency";
  find('[data-told="scale"]').textContent = hidden ? "A log scale has no place for zero and less: gaps are no value. " : "";
  return {
    traces,
    layout: {
      xaxis: timeAxis({ anchor: "y2" }),
      yaxis: axis({ domain: [0.34, 1], type: isLog ? "log" : "linear", tickformat: isGrowth ? "" : ",~s", ...(isLog ? { dtick: "D2" } : {}) }),
      yaxis2: axis({ domain: [0, 0.27], tickformat: ".0%" }),
    },
  };
}

function allocation() {
  const { at, owners: curves, pool } = data.curves;
  const isShare = state.stack === "share";
  const parts = [
    ...owners().slice(1).map((one, seat) => ({ ...one, values: curves[seat + 1].equity })),
    { name: "Pool", color: color("--pool"), values: pool },
  ];
  const total = curves[0].equity;
  const isSound = parts.every((one) => one.values.every((value) => value >= 0));
  return {
    traces: parts.map((one) => ({
      type: "scatter", mode: "lines", name: plain(one.name), x: at,
      y: isShare ? one.values.map((value, row) => (total[row] > 0 ? value / total[row] : NaN)) : one.values,
      // What is below zero cannot be stacked: it is drawn as a line.
      ...(isSound ? { stackgroup: "all", fillcolor: faint(one.color, 0.72) } : {}),
      line: { color: one.color, width: isSound ? 0.5 : 1.5 },
      hovertemplate: isShare ? "%{y:.1%}" : "%{y:,.0f}",
    })),
    layout: {
      xaxis: timeAxis(),
      yaxis: axis({ tickformat: isShare ? ".0%" : ",~s", ...(isShare && isSound ? { range: [0, 1] } : {}) }),
    },
  };
}

function exposure() {
  const seat = Number(find('[data-select="exposure"]').value);
  const one = owners()[seat];
  const { at, owners: curves } = data.curves;
  return {
    traces: [
      line("Gross", at, curves[seat].gross, { ...one, width: 1.5, dash: "solid" }, {
        hovertemplate: "%{y:.1%}", fill: "tozeroy", fillcolor: faint(one.color, 0.08),
      }),
      line("Net", at, curves[seat].net, { ...one, width: 1.2, dash: "dash" }, { hovertemplate: "%{y:.1%}" }),
    ],
    layout: { xaxis: timeAxis(), yaxis: axis({ tickformat: ".0%", rangemode: "tozero" }) },
  };
}

function performance() {
  if (!data.curves) return;
  chart("equity", equity);
  chart("allocation", allocation);
  chart("exposure", exposure);
  find('[data-select="exposure"]').addEventListener("change", () => draw("exposure"));
  find('[data-select="calendar"]').addEventListener("change", (event) => {
    all("[data-calendar]").forEach((one) => { one.hidden = one.dataset.calendar !== event.target.value; });
  });
}
