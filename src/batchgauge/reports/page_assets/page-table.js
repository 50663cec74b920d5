// The table of jobs: sorted, filtered, and a page at a time, so that thousands stay quick.
const PAGE_ROWS = 25;
const jobs = { rows: [], shown: [], page: 0, by: "order", descending: false };
const PHASE_COLUMNS = ["submit", "queue", "start_up", "wait", "run"];

const SHORT_PREFIX = 8;
const LONG_NAME = 16;

// What the names of a run's jobs begin with alike, up to a dash: a narrow screen does without, and names the run in its place.
function prefixOf(names) {
  const known = names.filter(Boolean);
  if (!known.length) return "";
  let length = known[0].lastIndexOf("-") + 1;
  for (const name of known) while (!name.startsWith(known[0].slice(0, length))) length = known[0].lastIndexOf("-", length - 2) + 1;
  return length < SHORT_PREFIX ? "" : known[0].slice(0, length);
}

function collectJobs() {
  DATA.runs.forEach((run, place) => {
    const { columns } = run.jobs;
    const prefix = prefixOf(columns.job_name);
    columns.index.forEach((index, row) => {
      const job = { order: jobs.rows.length, run: place, level: run.level, label: run.label, prefix, index, name: columns.job_name[row], id: columns.job_id[row], status: columns.status[row], attempts: columns.attempts[row], exitCode: columns.exitCode[row], said: columns.said[row] };
      for (const phase of PHASE_COLUMNS) job[phase] = columns[phase].map((ends) => ends[row]);
      job.text = [job.name, job.id, job.status, job.said].filter(Boolean).join("\n").toLowerCase();
      jobs.rows.push(job);
    });
  });
}

function compare(left, right) {
  const [a, b] = [left[jobs.by], right[jobs.by]].map((value) => (Array.isArray(value) ? value[0] : value));
  const isUnknown = [a, b].map((value) => value === null || value === undefined);
  if (isUnknown[0] || isUnknown[1]) return isUnknown[0] - isUnknown[1] || left.order - right.order;
  const difference = typeof a === "string" ? a.localeCompare(b, "en", { numeric: true }) : a - b;
  return (jobs.descending ? -difference : difference) || left.order - right.order;
}

function applyTable() {
  const wanted = byId("filter").value.trim().toLowerCase();
  const status = byId("status").value;
  const run = byId("job-run").value;
  jobs.shown = jobs.rows.filter((job) => (!wanted || job.text.includes(wanted)) && (!status || job.status === status) && (!run || job.run === Number(run))).sort(compare);
  jobs.page = Math.max(0, Math.min(jobs.page, Math.ceil(jobs.shown.length / PAGE_ROWS) - 1));
  drawTable();
}

function nameCell(job) {
  const prefix = job.name ? job.prefix : "";
  const rest = (job.name ?? "—").slice(prefix.length);
  const cell = element("th", { scope: "row", class: rest.length > LONG_NAME ? "name long" : "name" });
  cell.append(element("span", { class: "of-run" }, `${job.label} `));
  if (prefix) cell.append(element("span", { class: "prefix" }, prefix));
  cell.append(rest);
  return cell;
}

function jobRow(job) {
  const row = element("tr");
  const cell = (text, kind = "number") => row.append(element("td", { class: kind }, text));
  cell(job.label);
  row.append(nameCell(job));
  cell(job.status, job.status.startsWith("FAILED") ? "bad" : "");
  for (const phase of PHASE_COLUMNS) cell(job[phase][0] === null && job[phase][1] === null ? "—" : duration(...job[phase]));
  cell(job.attempts ? String(job.attempts) : "—");
  cell(job.exitCode === null ? "—" : String(job.exitCode));
  cell(job.said ?? "", "said");
  return row;
}

function drawTable() {
  const first = jobs.page * PAGE_ROWS;
  const rows = jobs.shown.slice(first, first + PAGE_ROWS);
  byId("jobs").tBodies[0].replaceChildren(...rows.map(jobRow));
  const pages = Math.max(1, Math.ceil(jobs.shown.length / PAGE_ROWS));
  byId("jobs-count").textContent = jobs.shown.length
    ? words("table.shown", { first: (first + 1).toLocaleString("en"), last: (first + rows.length).toLocaleString("en"), shown: jobs.shown.length.toLocaleString("en"), all: jobs.rows.length.toLocaleString("en") })
    : words("table.none");
  byId("jobs-page").textContent = words("table.page", { page: jobs.page + 1, pages });
  byId("before").disabled = jobs.page === 0;
  byId("after").disabled = jobs.page >= pages - 1;
}

function sortBy(header) {
  const column = header.dataset.column;
  jobs.descending = jobs.by === column ? !jobs.descending : false;
  jobs.by = column;
  jobs.page = 0;
  for (const other of byId("jobs").tHead.rows[0].cells) {
    if (other.dataset.column) other.setAttribute("aria-sort", other === header ? (jobs.descending ? "descending" : "ascending") : "none");
  }
  applyTable();
}

function startTable() {
  collectJobs();
  for (const status of [...new Set(jobs.rows.map((job) => job.status))].sort()) byId("status").append(element("option", { value: status }, status));
  for (const header of byId("jobs").tHead.rows[0].cells) header.querySelector("button")?.addEventListener("click", () => sortBy(header));
  for (const id of ["filter", "status", "job-run"]) {
    byId(id).addEventListener("input", () => {
      jobs.page = 0;
      applyTable();
    });
  }
  for (const [id, by] of [["before", -1], ["after", 1]]) {
    byId(id).addEventListener("click", () => {
      jobs.page += by;
      drawTable();
    });
  }
  const total = DATA.runs.reduce((sum, run) => sum + run.jobs.total, 0);
  if (total > jobs.rows.length) byId("jobs-note").textContent = words("table.chosen", { shown: jobs.rows.length.toLocaleString("en"), total: total.toLocaleString("en") });
  applyTable();
}
