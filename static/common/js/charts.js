// 图:<div class="dw-chart" data-chart="种类" data-source="JSON 的 id">,数据由 components/_chart.html 放进页面。
// 种类:bars(横条)、columns(竖柱,可叠)、pyramid(男左女右)、trend(折线)。
// 数据:{"categories": […], "series": [{"name", "values": […], "key": true?}], "unit"?: "人", "stacked"?: true, "percent"?: true}
// 值为 null 的格子按最小格规则不显示,画成空。颜色取自令牌;红只给 key 那一条,提示用 richText(不产生行内样式)。
"use strict";
(() => {
  const token = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const INK = token("--dw-ink-2"), DIM = token("--dw-ink-3"), LINE = token("--dw-line"), RED = token("--dw-red");
  const SHADES = [token("--dw-blue"), "#8fabc3", "#bdb09a", "#8b8172", "#6b93b1"];
  const SIZE = document.documentElement.classList.contains("care") ? 15 : 12;
  const drawn = [];

  // 金字塔左半边用负数画,写出来都是正的;其余的图,减少就写成减少。
  const words = (data, mirrored = false) => asked => {
    if (asked === null || asked === undefined || asked === "-") return "不显示";
    const n = mirrored ? Math.abs(asked) : asked;
    return data.percent ? (n * 100).toFixed(1) + "%" : n.toLocaleString("zh-CN") + (data.unit || "");
  };
  const colour = (series, i) => series.key ? RED : SHADES[i % SHADES.length];
  const values = (data, extra, mirrored = false) => ({
    type: "value", axisLine: { show: false }, axisTick: { show: false }, splitLine: { lineStyle: { color: LINE } }, splitNumber: 4,
    axisLabel: { color: DIM, fontSize: SIZE, formatter: words({ percent: data.percent }, mirrored) }, ...extra,
  });
  const names = (data, extra) => ({
    type: "category", data: data.categories, axisLine: { lineStyle: { color: LINE } }, axisTick: { show: false },
    axisLabel: { color: INK, fontSize: SIZE }, ...extra,
  });
  const base = (data, label) => ({
    animation: false, textStyle: { fontFamily: token("--dw-sans"), color: INK, fontSize: SIZE },
    aria: { enabled: true, label: { description: label } },
    tooltip: { trigger: "axis", renderMode: "richText", axisPointer: { type: "shadow" }, textStyle: { fontSize: SIZE }, valueFormatter: words(data) },
    legend: { show: data.series.length > 1, right: 0, top: 0, itemWidth: 10, itemHeight: 10, icon: "rect", textStyle: { color: INK, fontSize: SIZE } },
    grid: { left: 8, right: 28, top: data.series.length > 1 ? 36 : 8, bottom: 4, containLabel: true },
  });

  const kinds = {
    bars: data => ({
      xAxis: values(data, { show: false }), yAxis: names(data, { inverse: true, axisLine: { show: false } }),
      grid: { left: 8, right: 72, top: data.series.length > 1 ? 36 : 4, bottom: 4, containLabel: true },
      series: data.series.map((s, i) => ({
        name: s.name, type: "bar", data: s.values, barMaxWidth: 14, itemStyle: { color: colour(s, i) },
        label: { show: true, position: "right", color: INK, fontSize: SIZE, formatter: p => words(data)(p.value) },
      })),
    }),
    columns: data => ({
      xAxis: names(data, { axisLabel: { color: DIM, fontSize: SIZE } }), yAxis: values(data),
      series: data.series.map((s, i) => ({
        name: s.name, type: "bar", stack: data.stacked ? "all" : undefined, data: s.values, barMaxWidth: 22, itemStyle: { color: colour(s, i) },
      })),
    }),
    trend: data => ({
      xAxis: names(data, { boundaryGap: false, axisLabel: { color: DIM, fontSize: SIZE } }), yAxis: values(data, { scale: true }),
      series: data.series.map((s, i) => ({
        name: s.name, type: "line", data: s.values, symbol: "none", connectNulls: false, lineStyle: { color: colour(s, i), width: 2 }, itemStyle: { color: colour(s, i) },
      })),
    }),
    pyramid: data => ({
      xAxis: values(data, {}, true), yAxis: names(data, { axisLine: { show: false } }),
      tooltip: { trigger: "axis", renderMode: "richText", axisPointer: { type: "shadow" }, textStyle: { fontSize: SIZE }, valueFormatter: words(data, true) },
      series: data.series.slice(0, 2).map((s, i) => ({
        name: s.name, type: "bar", stack: "all", barMaxWidth: 16, itemStyle: { color: i ? SHADES[4] : SHADES[0] },
        data: s.values.map(v => i || v === null ? v : -v),
      })),
    }),
  };

  function draw(box) {
    if (box.dataset.drawn || !kinds[box.dataset.chart]) return;
    const data = JSON.parse(document.getElementById(box.dataset.source).textContent);
    const chart = window.echarts.init(box, null, { renderer: "svg" });
    chart.setOption({ ...base(data, box.getAttribute("aria-label") || ""), ...kinds[box.dataset.chart](data) });
    box.dataset.drawn = "1";
    drawn.push(chart);
  }

  const drawAll = root => root.querySelectorAll("[data-chart]").forEach(draw);
  document.addEventListener("DOMContentLoaded", () => drawAll(document));
  document.addEventListener("htmx:load", event => drawAll(event.target));
  addEventListener("resize", () => drawn.forEach(chart => chart.resize()));
  addEventListener("beforeprint", () => drawn.forEach(chart => chart.resize()));
})();
