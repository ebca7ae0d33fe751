// Draws <canvas data-chart> with Chart.js in the colors of the theme; the table beneath holds the same numbers.
import "./vendor/chart.js/chart.umd.min.js";

const Chart = window.Chart;
const drawn = [];

/* The shown value of a token: light-dark() is resolved by the browser on a probe. */
function color(token) {
  const probe = document.createElement("i");
  probe.style.color = `var(--${token})`;
  probe.hidden = true;
  document.body.append(probe);
  const value = getComputedStyle(probe).color;
  probe.remove();
  return value;
}

function draw(canvas) {
  const { chart: kind, labels, series } = canvas.dataset;
  const tokens = ["chart-1", "chart-2", "chart-3", "chart-4", "chart-5", "chart-6", "chart-7", "chart-8"];
  const style = getComputedStyle(document.body);
  Object.assign(Chart.defaults, { color: color("quiet"), borderColor: color("line"), animation: false });
  Object.assign(Chart.defaults.font, { family: style.fontFamily, size: 13 });
  const datasets = JSON.parse(series).map((one, index) => {
    const shade = color(one.token ?? tokens[index % tokens.length]);
    return {
      label: one.label, data: one.values, type: one.kind, stack: one.stack ?? (canvas.dataset.stacked ? "all" : undefined),
      borderColor: shade, backgroundColor: shade, borderWidth: kind === "line" || one.kind === "line" ? 2 : 0,
      borderDash: one.dashed ? [4, 4] : undefined, pointRadius: 0, pointHitRadius: 12, tension: 0, spanGaps: true, maxBarThickness: 28,
    };
  });
  const rtl = document.documentElement.dir === "rtl";
  const stacked = Boolean(canvas.dataset.stacked);
  canvas.parentElement.classList.add("drawn");
  return new Chart(canvas, {
    type: kind === "bar-horizontal" ? "bar" : kind,
    data: { labels: JSON.parse(labels), datasets },
    options: {
      indexAxis: kind === "bar-horizontal" ? "y" : "x",
      maintainAspectRatio: false,
      interaction: { mode: "index", intersect: false },
      scales: {
        x: { reverse: rtl, stacked, grid: { display: false }, ticks: { precision: 0, maxRotation: 0, autoSkipPadding: 16 } },
        y: { position: rtl ? "right" : "left", stacked, beginAtZero: true, border: { display: false }, ticks: { precision: 0, maxTicksLimit: 6 } },
      },
      plugins: { legend: { display: datasets.length > 1, position: "bottom", align: "start", rtl, labels: { boxWidth: 12, boxHeight: 12 } }, tooltip: { rtl } },
    },
  });
}

function drawAll() {
  while (drawn.length) drawn.pop().destroy();
  for (const canvas of document.querySelectorAll("canvas[data-chart]")) drawn.push(draw(canvas));
}
drawAll();
document.addEventListener("themechange", drawAll);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);

/* Paper is light, and shows the tables too. */
let before;
addEventListener("beforeprint", () => {
  before = document.documentElement.dataset.bsTheme;
  document.documentElement.dataset.bsTheme = "light";
  for (const table of document.querySelectorAll("details.chart-table")) table.open = true;
  drawAll();
});
addEventListener("afterprint", () => {
  if (before) document.documentElement.dataset.bsTheme = before;
  else delete document.documentElement.dataset.bsTheme;
  drawAll();
});
