// Conflicts over time: how many of each kind in each month, or quarter, or year of a long run.
const DAY = 86400000;

function periods(times) {
  const span = (times[times.length - 1] - times[0]) / DAY;
  const months = span > 365 * 25 ? 12 : span > 365 * 8 ? 3 : 1;
  if (span <= 62) return (ms) => Math.floor(ms / DAY) * DAY;
  return (ms) => {
    const at = new Date(ms);
    return Date.UTC(at.getUTCFullYear(), Math.floor(at.getUTCMonth() / months) * months, 1);
  };
}

function conflictsChart() {
  const { at, kind, kinds } = data.conflicts;
  const period = periods(at);
  const counts = kinds.map(() => new Map());
  at.forEach((ms, row) => {
    const begin = period(ms);
    counts.forEach((one) => one.set(begin, one.get(begin) || 0));
    counts[kind[row]].set(begin, counts[kind[row]].get(begin) + 1);
  });
  const most = Math.max(...[...counts[0].keys()].map((begin) => counts.reduce((sum, one) => sum + one.get(begin), 0)));
  const colors = [color("--loss"), color("--gain"), color("--s3"), color("--s4")];
  const shapes = ["", "/", "x", "."];
  return {
    traces: kinds.map((name, place) => ({ name, place })).filter(({ place }) => kind.includes(place)).map(({ name, place }) => ({
      type: "bar", name, x: [...counts[place].keys()], y: [...counts[place].values()],
      marker: { color: colors[place], ...(place ? { pattern: { shape: shapes[place], fillmode: "overlay", fgcolor: color("--paper"), size: 6, solidity: 0.25 } } : {}) },
      hovertemplate: "%{y:,.0f}",
    })),
    layout: { barmode: "stack", bargap: 0.15, xaxis: timeAxis(), yaxis: axis({ tickformat: ",d", rangemode: "tozero", ...(most < 6 ? { dtick: 1 } : {}) }) },
  };
}

function conflicts() {
  if (data.conflicts.at.length) chart("conflicts", conflictsChart);
}
