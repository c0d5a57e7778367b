// Draws each `figure[data-chart]` (templates/components/chart.html) from the JSON block that it names, in the colours of
// tokens.css: again whenever light becomes dark. Without this file the table in the figure says the same.
"use strict";
(() => {
  const probe = document.createElement("span");
  const still = window.matchMedia("(prefers-reduced-motion: reduce)");
  const drawn = new Map();

  // Tokens are `light-dark()` pairs, which only a property that uses one resolves.
  const colour = (name) => {
    probe.style.color = `var(--ny-${name})`;
    return getComputedStyle(probe).color;
  };

  const dataset = (series) => ({
    label: series.label,
    data: series.values,
    backgroundColor: colour(series.colour),
    hoverBackgroundColor: colour("ink"),
    maxBarThickness: 28,
    borderRadius: 2,
    stack: "all",
  });

  const options = (number) => ({
    animation: still.matches ? false : { duration: 250 },
    maintainAspectRatio: false,
    interaction: { mode: "index", intersect: false },
    plugins: {
      legend: { position: "bottom", labels: { color: colour("ink"), boxWidth: 12, boxHeight: 12, padding: 16 } },
      tooltip: { callbacks: { label: (item) => ` ${item.dataset.label}: ${number.format(Math.abs(item.raw))}` } },
    },
    scales: {
      x: { stacked: true, ticks: { color: colour("quiet"), maxRotation: 0, autoSkipPadding: 12 }, grid: { display: false } },
      y: {
        stacked: true,
        ticks: { color: colour("quiet"), precision: 0, callback: (value) => number.format(Math.abs(value)) },
        grid: { color: (line) => colour(line.tick.value === 0 ? "quiet" : "line") },
        border: { display: false },
      },
    },
  });

  const draw = (figure) => {
    const told = JSON.parse(document.getElementById(figure.dataset.chart).textContent);
    const number = new Intl.NumberFormat(document.documentElement.lang || undefined);
    drawn.get(figure)?.destroy();
    figure.append(probe); // what is light and what is dark is the figure's affair
    Chart.defaults.font.family = getComputedStyle(figure).fontFamily;
    drawn.set(figure, new Chart(figure.querySelector("canvas"), {
      type: "bar",
      data: { labels: told.labels, datasets: told.series.map(dataset) },
      options: options(number),
    }));
  };

  const drawAll = () => document.querySelectorAll("figure[data-chart]").forEach(draw);
  probe.hidden = true;
  drawAll();
  new MutationObserver(drawAll).observe(document.documentElement, { attributeFilter: ["class"] });
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);
})();
