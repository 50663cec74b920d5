function currentRun() {
  return DATA.runs[Number(byId("run").value)];
}

function showRun() {
  const run = currentRun();
  byId("run-validity").textContent = run.validity;
  showTimeline(run);
  showConcurrency(run);
}

DATA.runs.forEach((run, place) => {
  byId("run").append(element("option", { value: place }, run.name));
  byId("job-run").append(element("option", { value: place }, run.name));
});
byId("run").value = String(DATA.runs.length - 1);
byId("run").addEventListener("change", showRun);
for (const phase of ["queue", "start_up", "wait", "run", "submit"]) byId("phase").append(element("option", { value: phase }, words(`phase.${phase}`)));
byId("phase").value = DATA.runs.some((run) => run.distributions.wait) ? "wait" : "submit";
startTimeline();
startCharts();
startPace();
startTable();
redraws.push(showRun, showDistribution, showMeans, showPace);
startTheme();
let drawnWidth = innerWidth;
addEventListener("resize", () => {
  if (innerWidth !== drawnWidth) redraw();
  drawnWidth = innerWidth;
});
