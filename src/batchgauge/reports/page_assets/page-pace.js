// The pace by level: a point a run, and the law as a line.
function showPace() {
  const pace = DATA.pace;
  if (pace === null) return;
  byId("pace").replaceChildren();
  byId("pace").setAttribute("aria-label", pace.label);
  const rows = [...pace.curve.map(([level, law]) => [level, law, null]), ...pace.points.map(([level, measured]) => [level, null, measured])].sort((a, b) => a[0] - b[0]);
  const [levels, laws, measured] = [0, 1, 2].map((column) => rows.map((row) => row[column]));
  const most = Math.max(...laws, ...measured);
  const lawAt = (level) => pace.curve.reduce((best, point) => (Math.abs(point[0] - level) < Math.abs(best[0] - level) ? point : best))[1];
  plot(
    "pace",
    {
      scales: { x: { time: false, range: [0, levels.at(-1) * 1.03] }, y: { range: [0, most * 1.08] } },
      axes: [axis(pace.levelAxis, { size: 34, labelSize: 20, incrs: WHOLE_STEPS }), axis(pace.paceAxis, { size: 62 })],
      series: [
        {},
        { stroke: colour("run"), width: 2, dash: [6, 4], spanGaps: true, points: { show: false } },
        { stroke: colour("start"), paths: () => null, points: { show: true, size: 8, fill: colour("paper"), stroke: colour("start"), width: 2 } },
      ],
    },
    [levels, laws, measured],
    (at) => {
      const level = levels[at];
      const there = pace.points.filter(([number]) => number === level).map(([, value]) => value);
      const lines = [`${pace.levelAxis}: ${Number(level.toPrecision(3)).toLocaleString("en")}`, `${pace.law}: ${lawAt(level).toPrecision(3)}`];
      if (there.length) lines.push(`${pace.measured}: ${range(Math.min(...there), Math.max(...there))}`);
      return lines.join("\n");
    },
  );
}

function startPace() {
  if (DATA.pace !== null) legend("pace-legend", [["fill-start", DATA.pace.measured], ["line-law", DATA.pace.law]]);
}
