// Charts over time and over shares by uPlot; means by level as SVG.
const charts = {};
const WHOLE_STEPS = [1, 2, 5].flatMap((by) => [0, 1, 2, 3, 4, 5, 6].map((power) => by * 10 ** power)).sort((a, b) => a - b);
const LINE_COLOURS = { light: ["#440154", "#3b528b", "#21868b", "#35905f", "#7a8c00", "#b06000", "#a8325e", "#5f5f5f"], dark: ["#c99bff", "#8fb4ff", "#4fd0d4", "#57d98c", "#c9d94a", "#ffb45e", "#ff8fb5", "#c8c8c8"] };

function isDark() {
  const { theme } = document.documentElement.dataset;
  return theme === "dark" || (theme === "auto" && matchMedia("(prefers-color-scheme: dark)").matches);
}

function axis(label, more = {}) {
  return { stroke: colour("soft"), grid: { stroke: colour("line"), width: 1 }, ticks: { stroke: colour("line"), width: 1 }, font: "12px system-ui, sans-serif", labelFont: "12px system-ui, sans-serif", label, labelSize: 22, ...more };
}

function plot(id, options, values, describe) {
  const holder = byId(id);
  charts[id]?.destroy();
  const made = new uPlot(
    {
      width: Math.max(240, holder.clientWidth),
      height: 280,
      legend: { show: false },
      cursor: { drag: { x: false, y: false }, points: { show: false } },
      ...options,
      hooks: {
        setCursor: [
          (chart) => {
            const { idx, left, top } = chart.cursor;
            if (idx === null || idx === undefined || left < 0) return hideTip();
            const box = chart.over.getBoundingClientRect();
            return showTip(describe(idx), box.left + left, box.top + top);
          },
        ],
      },
    },
    values,
    holder,
  );
  made.over.addEventListener("mouseleave", hideTip);
  charts[id] = made;
}

function forget(id) {
  charts[id]?.destroy();
  delete charts[id];
  byId(id).replaceChildren(element("p", { class: "soft" }, words("not-measured")));
}

function showHeld(id, steps, limit, axisLabel, factor, describe) {
  byId(id).replaceChildren();
  if (steps === null) return forget(id);
  const time = unitFor(steps.times.at(-1));
  const stepped = uPlot.paths.stepped({ align: 1 });
  const limits = limit === null ? [] : [steps.times.map(() => limit)];
  const values = [steps.times.map((moment) => moment / time.factor), steps.possibly.map((v) => v * factor), steps.surely.map((v) => v * factor), ...limits];
  const most = Math.max(limit ?? 0, ...values[1]);
  return plot(
    id,
    {
      scales: { x: { time: false, range: [0, Math.max(...values[0])] }, y: { range: [0, most * 1.08 || 1] } },
      axes: [axis(`${words("axis.time")} (${time.unit})`, { size: 34, labelSize: 20 }), axis(axisLabel, { size: 58, incrs: WHOLE_STEPS })],
      series: [
        {},
        { stroke: colour("run"), width: 1, fill: colour("perhaps"), paths: stepped, points: { show: false } },
        { stroke: colour("run"), width: 1, fill: colour("cover"), paths: stepped, points: { show: false } },
        ...limits.map(() => ({ stroke: colour("limit"), width: 2, dash: [6, 4], points: { show: false } })),
      ],
    },
    values,
    (at) => `${duration(steps.times[at])}\n${describe}: ${range(values[2][at], values[1][at])}${limit === null ? "" : ` / ${limit.toLocaleString("en")}`}`,
  );
}

function most(steps, factor) {
  return steps === null ? "—" : range(Math.max(...steps.surely) * factor, Math.max(...steps.possibly) * factor);
}

function showConcurrency(run) {
  const limit = (value) => value?.toLocaleString("en") ?? "—";
  byId("running").setAttribute("aria-label", words("running.label", { name: run.name, most: most(run.running, 1), limit: limit(run.capacity) }));
  showHeld("running", run.running, run.capacity, words("axis.running"), 1, words("axis.running"));
  const vcpus = run.vcpus ?? 0;
  const holding = vcpus ? run.holding : null;
  byId("vcpus").setAttribute("aria-label", words("vcpus.label", { name: run.name, most: most(holding, vcpus), limit: limit(run.maxVcpus) }));
  showHeld("vcpus", holding, run.maxVcpus, words("axis.vcpus"), vcpus, words("axis.vcpus"));
  byId("held-note").textContent = run.running?.binned || holding?.binned ? words("binned") : "";
}

// At most eight levels: more lines nobody tells apart. The lowest and the highest are always among them.
function shownRuns(known) {
  if (known.length <= 8) return known;
  return Array.from({ length: 8 }, (_, place) => known[Math.round((place * (known.length - 1)) / 7)]);
}

function showDistribution() {
  const phase = byId("phase").value;
  const known = DATA.runs.filter((run) => run.distributions[phase]);
  const runs = shownRuns(known);
  const left = known.filter((run) => !runs.includes(run)).map((run) => run.label);
  byId("distribution-note").textContent = left.length ? words("distribution.left-out", { shown: runs.length, all: known.length, levels: left.join(", ") }) : "";
  byId("distribution").replaceChildren();
  byId("distribution").setAttribute("aria-label", words("distribution.label", { phase: words(`phase.${phase}`), levels: runs.map((run) => run.label).join(", ") }));
  byId("distribution-legend").replaceChildren();
  if (!runs.length) return forget("distribution");
  const ends = runs.flatMap((run) => [...run.distributions[phase].least, ...run.distributions[phase].most]).filter((value) => value !== null);
  const time = unitFor(Math.max(...ends));
  const curves = runs.flatMap((run) => [run.distributions[phase].most, run.distributions[phase].least]);
  const palette = LINE_COLOURS[isDark() ? "dark" : "light"];
  const positive = ends.filter((value) => value > 0);
  const isLog = positive.length === ends.length && Math.max(...ends) > 30 * Math.min(...positive);
  const stepped = uPlot.paths.stepped({ align: -1 });
  plot(
    "distribution",
    {
      scales: { x: { time: false, range: [0, 100] }, y: isLog ? { distr: 3 } : { range: [0, (Math.max(...ends) / time.factor) * 1.06 || 1] } },
      axes: [axis(words("axis.share"), { size: 34, labelSize: 20, values: (_, ticks) => ticks.map((tick) => `${tick} %`) }), axis(`${words("axis.duration")} (${time.unit})`, { size: 62 })],
      bands: runs.map((_, place) => ({ series: [2 * place + 1, 2 * place + 2], fill: `${palette[place]}33` })),
      series: [{}, ...curves.map((_, place) => ({ stroke: palette[Math.floor(place / 2)], width: 1.8, paths: stepped, points: { show: false } }))],
    },
    [DATA.quantiles.map((share) => share * 100), ...curves.map((curve) => curve.map((value) => (value === null ? null : value / time.factor)))],
    (at) =>
      [words("distribution.point", { share: Math.round(DATA.quantiles[at] * 100) })]
        .concat(runs.map((run) => `${words("level", { level: run.label })}: ${duration(run.distributions[phase].least[at], run.distributions[phase].most[at])}`))
        .join("\n"),
  );
  const list = byId("distribution-legend");
  runs.forEach((run, place) => {
    const item = element("li");
    const picture = drawn("svg", { width: 18, height: 12, "aria-hidden": "true" });
    picture.append(drawn("rect", { y: 4, width: 18, height: 4, fill: palette[place] }));
    item.append(picture, document.createTextNode(words("level", { level: run.label })));
    list.append(item);
  });
  return undefined;
}

// Where queueing surely ends, where start-up surely begins, where the run begins and ends: as in the PNG's panel of phases.
function meanEnds({ means, distributions }) {
  const [queue, startUp, run] = [means.queue, means.start_up, means.run];
  if (!queue || queue[0] === null) return null;
  const wait = queue[0] + (startUp?.[1] ?? startUp?.[0] ?? 0);
  const later = Math.max(queue[0], Math.min(queue[1] ?? wait, wait));
  const begun = Math.max(wait, later);
  return { ends: [queue[0], later, begun, begun + (run?.[0] ?? 0)], isOpen: distributions.wait?.most.at(-1) === null || run?.[1] === null };
}

function showMeans() {
  const holder = byId("means");
  holder.replaceChildren();
  const bars = DATA.runs.map((run) => [run, meanEnds(run)]).filter(([, bar]) => bar !== null);
  holder.setAttribute("aria-label", words("levels.label", { levels: bars.map(([run]) => run.label).join(", ") }));
  if (!bars.length) return forget("means");
  const width = Math.max(240, holder.clientWidth);
  const [left, right, row] = [Math.max(64, 20 + 8 * Math.max(...bars.map(([run]) => run.label.length))), 92, 30];
  const longest = Math.max(1, ...bars.map(([, bar]) => bar.ends[3]));
  const picture = drawn("svg", { width, height: bars.length * row + 4, "aria-hidden": "true" });
  const x = (value) => left + (value / longest) * (width - left - right);
  bars.forEach(([run, bar], place) => {
    const top = place * row + 4;
    const group = drawn("g");
    group.append(drawn("text", { x: left - 10, y: top + 15, "text-anchor": "end", "font-size": 13, class: "fill-ink" }, run.label));
    bar.ends.forEach((end, part) => {
      const begin = part ? bar.ends[part - 1] : 0;
      const kind = ["fill-queue", "fill-either", "fill-start", "fill-run"][part];
      if (end > begin) group.append(drawn("rect", { x: x(begin), y: top, width: Math.max(1, x(end) - x(begin)), height: row - 8, class: kind }));
    });
    const total = bar.isOpen ? duration(bar.ends[3], null) : duration(bar.ends[3]);
    group.append(drawn("text", { x: x(bar.ends[3]) + 7, y: top + 15, "font-size": 12, class: "fill-soft" }, total));
    group.addEventListener("pointermove", (event) => {
      const lines = [["queue", run.means.queue], ["start_up", run.means.start_up], ["run", run.means.run]].filter(([, mean]) => mean).map(([phase, mean]) => `${words(`phase.${phase}`)}: ${duration(mean[0], mean[1])}`);
      showTip([run.name, ...lines].join("\n"), event.clientX, event.clientY);
    });
    group.addEventListener("pointerleave", hideTip);
    picture.append(group);
  });
  holder.append(picture);
  return undefined;
}

function startCharts() {
  legend("held-legend", [["fill-cover", words("legend.surely")], ["fill-perhaps", words("legend.possibly")], ["line-limit", words("legend.capacity")]]);
  legend("means-legend", [["fill-queue", words("legend.queue")], ["fill-either", words("legend.queue-or-start-up")], ["fill-start", words("legend.start_up")], ["fill-run", words("legend.run")]]);
  byId("phase").addEventListener("change", showDistribution);
}
