// The time line of single jobs: a row a job, drawn on a canvas; what is sure in full colour, what is only possible lighter.
const MAX_ROWS = 600;
const GUTTER = 52;
const FOOT = 26;
const timeline = { canvas: byId("timeline"), run: null, rows: [], selected: -1, height: 1, end: 1 };

function timelineRows(run) {
  const { columns } = run.jobs;
  if (!columns.created) return [];
  const even = columns.index.map((_, row) => row).filter((row) => columns.even[row] && columns.created[row] !== null);
  if (even.length <= MAX_ROWS) return even;
  return Array.from({ length: MAX_ROWS }, (_, place) => even[Math.round((place * (even.length - 1)) / (MAX_ROWS - 1))]);
}

// From, to, colour, and whether it is sure; the last part of a job that nobody saw end is open.
function partsOf(columns, row, end) {
  const [sent, created, low, high] = ["sent", "created", "starting_earliest", "starting_latest"].map((name) => columns[name][row]);
  const [started, stopped, seen] = ["started", "stopped", "seen"].map((name) => columns[name][row]);
  const parts = [];
  const last = stopped ?? Math.max(seen ?? created, started ?? created);
  if (sent !== null && sent < created) parts.push([sent, created, "submit", true]);
  const until = started ?? last;
  if (low === null && high === null) {
    parts.push(started === null && stopped === null ? [created, until, "queue", true] : [created, until, "either", true]);
  } else {
    const from = Math.min(Math.max(low ?? created, created), until);
    const to = Math.max(from, Math.min(high ?? until, until));
    parts.push([created, from, "queue", true], [from, to, "either", true], [to, until, "start", true]);
  }
  if (started !== null) parts.push([started, last, "run", true]);
  if (stopped === null) parts.push([last, end, started !== null ? "run" : low === null ? "queue" : "start", false]);
  return parts.filter(([from, to]) => to > from);
}

function drawTimeline() {
  const { canvas, run, rows } = timeline;
  if (run === null) return;
  const width = canvas.parentElement.clientWidth;
  const narrow = Math.max(1, Math.min(16, 560 / Math.max(1, rows.length)));
  timeline.height = narrow;
  const height = Math.max(60, Math.ceil(rows.length * narrow)) + FOOT;
  const ratio = devicePixelRatio || 1;
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  canvas.style.height = `${height}px`;
  const pen = canvas.getContext("2d");
  pen.scale(ratio, ratio);
  pen.font = "12px system-ui, sans-serif";
  if (!rows.length) {
    pen.fillStyle = colour("soft");
    pen.fillText(words("not-measured"), 8, 30);
    return;
  }
  const { columns } = run.jobs;
  const begin = Math.min(0, ...rows.map((row) => columns.sent[row] ?? 0));
  const end = Math.max(1, ...rows.map((row) => columns.stopped[row] ?? Math.max(columns.seen[row] ?? 0, columns.started[row] ?? 0))) * 1.01;
  timeline.begin = begin;
  timeline.end = end;
  const x = (moment) => GUTTER + ((moment - begin) / (end - begin)) * (width - GUTTER - 8);
  drawTimeAxis(pen, x, width, height, begin, end);
  rows.forEach((row, place) => {
    const top = place * narrow;
    const thick = narrow > 4 ? narrow - 2 : narrow;
    for (const [from, to, name, sure] of partsOf(columns, row, end)) {
      pen.globalAlpha = sure ? 1 : 0.3;
      pen.fillStyle = colours[name];
      pen.fillRect(x(from), top, Math.max(1, x(to) - x(from)), thick);
    }
    pen.globalAlpha = 1;
    if (columns.status[row] === "FAILED") {
      pen.fillStyle = colours.bad;
      pen.fillRect(x(columns.stopped[row] ?? end) - 2, top, 4, thick);
    }
    const step = Math.ceil(13 / narrow);
    if (place % step === 0 && columns.index[row] !== null) {
      pen.fillStyle = colour("soft");
      pen.textAlign = "right";
      pen.fillText(String(columns.index[row]), GUTTER - 8, top + Math.min(11, thick / 2 + 6));
    }
  });
  if (timeline.selected >= 0) {
    pen.strokeStyle = colour("ink");
    pen.lineWidth = 1.5;
    pen.strokeRect(GUTTER - 3, timeline.selected * narrow - 1.5, width - GUTTER - 2, Math.max(3, narrow));
  }
}

let colours = {};

function readColours() {
  colours = Object.fromEntries(["submit", "queue", "either", "start", "run", "bad"].map((name) => [name, colour(name)]));
}

function drawTimeAxis(pen, x, width, height, begin, end) {
  const { factor, unit } = unitFor(end);
  const wanted = (end - begin) / factor / Math.max(2, Math.floor(width / 110));
  const power = 10 ** Math.floor(Math.log10(wanted));
  const step = [1, 2, 5, 10].map((by) => by * power).find((by) => by >= wanted);
  pen.textAlign = "center";
  for (let tick = 0; tick * factor <= end; tick += step) {
    pen.fillStyle = colour("line");
    pen.fillRect(x(tick * factor), 0, 1, height - FOOT);
    pen.fillStyle = colour("soft");
    pen.fillText(`${Number(tick.toPrecision(6))} ${unit}`, Math.min(x(tick * factor), width - 22), height - 8);
  }
}

function timelineText(row) {
  const { columns } = timeline.run.jobs;
  const lines = [words("timeline.job", { index: columns.index[row] ?? "—", name: columns.job_name[row], status: columns.status[row] })];
  for (const phase of ["submit", "queue", "start_up", "run"]) {
    const [low, high] = columns[phase].map((ends) => ends[row]);
    if (low !== null) lines.push(`${words(`phase.${phase}`)}: ${duration(low, high)}`);
  }
  if (columns.said[row] && columns.status[row] !== "SUCCEEDED") lines.push(columns.said[row]);
  return lines.join("\n");
}

function selectRow(place, isSaid) {
  timeline.selected = Math.max(0, Math.min(timeline.rows.length - 1, place));
  drawTimeline();
  if (isSaid) byId("timeline-live").textContent = timelineText(timeline.rows[timeline.selected]);
}

function startTimeline() {
  const { canvas } = timeline;
  legend("timeline-legend", [
    ["fill-submit", words("legend.submit")],
    ["fill-queue", words("legend.queue")],
    ["fill-either", words("legend.queue-or-start-up")],
    ["fill-start", words("legend.start_up")],
    ["fill-run", words("legend.run")],
    ["fill-perhaps", words("legend.running-on")],
  ]);
  canvas.addEventListener("pointermove", (event) => {
    const place = Math.floor(event.offsetY / timeline.height);
    if (place < 0 || place >= timeline.rows.length) return hideTip();
    if (place !== timeline.selected) selectRow(place, false);
    return showTip(timelineText(timeline.rows[place]), event.clientX, event.clientY);
  });
  canvas.addEventListener("pointerleave", hideTip);
  canvas.addEventListener("keydown", (event) => {
    const { selected, rows } = timeline;
    const place = { ArrowDown: selected + 1, ArrowUp: selected - 1, Home: 0, End: rows.length - 1, PageDown: selected + 20, PageUp: selected - 20 }[event.key];
    if (place === undefined || !rows.length) return;
    event.preventDefault();
    selectRow(place, true);
    const box = canvas.getBoundingClientRect();
    showTip(timelineText(rows[timeline.selected]), box.left + GUTTER, box.top + (timeline.selected + 1) * timeline.height);
  });
  canvas.addEventListener("blur", hideTip);
}

function showTimeline(run) {
  timeline.run = run;
  timeline.rows = timelineRows(run);
  timeline.selected = -1;
  const values = { name: run.name, jobs: timeline.rows.length.toLocaleString("en"), total: run.jobs.total.toLocaleString("en") };
  timeline.canvas.setAttribute("aria-label", words("timeline.label", values));
  byId("timeline-note").textContent = timeline.rows.length && timeline.rows.length < run.jobs.total ? words("timeline.chosen", values) : "";
  readColours();
  drawTimeline();
}
