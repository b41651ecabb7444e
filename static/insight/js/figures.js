// 统计页的图:SVG 渲染,颜色取自令牌,提示用 richText(不产生行内样式)。红只给“净增”一条线。
// 数据在页面的 figures-data 里:{盒子 id: {kind, labels, series, marks?, percent?}},值为 null 的格子按最小格规则不显示。
const token = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const INK = token("--dw-ink-2"), DIM = token("--dw-ink-3"), LINE = token("--dw-line"), RED = token("--dw-red"), BLUE = token("--dw-blue");
const SHADES = [BLUE, "#8fabc3", "#bdb09a", "#8b8172"], WOMEN = "#6b93b1";
const wide = matchMedia("(min-width: 992px)");
const size = document.documentElement.classList.contains("care") ? 15 : 12;
const drawn = new Map();

const people = n => Math.abs(n).toLocaleString("zh-CN");
const short = n => Math.abs(n) >= 10000 ? Math.abs(n) / 10000 + "万" : people(n);
const share = n => (n * 100).toFixed(1) + "%";
const told = words => n => n === null || n === undefined || n === "-" ? "不显示" : words(n);
const values = extra => ({
  type: "value", axisLine: { show: false }, axisTick: { show: false }, splitNumber: 4, minInterval: 1,
  splitLine: { lineStyle: { color: LINE } }, axisLabel: { color: DIM, fontSize: size, formatter: short }, ...extra,
});
const names = (data, extra) => ({
  type: "category", data, axisLine: { lineStyle: { color: LINE } }, axisTick: { show: false },
  axisLabel: { color: INK, fontSize: size }, ...extra,
});
const base = (words, label) => ({
  animation: false, textStyle: { fontFamily: token("--dw-sans"), color: INK, fontSize: size },
  aria: { enabled: true, label: { description: label } },
  tooltip: {
    trigger: "axis", renderMode: "richText", axisPointer: { type: "shadow" }, textStyle: { fontSize: size }, confine: true,
    valueFormatter: told(words),
  },
  legend: { right: 0, top: 0, itemWidth: 10, itemHeight: 10, itemGap: 14, icon: "rect", textStyle: { color: INK, fontSize: size } },
});

// 横轴只写得下一部分月份:宽屏隔月,窄屏半年;一月总写,带着年份。
const everySoOften = (_, label) => (parseInt(label.split("\n").pop(), 10) - 1) % (wide.matches ? 2 : 6) === 0;
const round = n => {
  const step = 10 ** Math.floor(Math.log10(n));
  return (step === 1 ? [2, 4, 6, 8, 10] : [1, 2, 3, 4, 5, 6, 8, 10]).find(times => times * step >= n) * step;
};

function flow(data) {
  const last = data.series.length - 1, bare = last === 0;
  const signed = n => (n < 0 ? "−" : "") + people(n);
  const bars = data.series.slice(0, last).map((one, i) => ({
    name: one.name, type: "bar", stack: "all", data: one.values, barMaxWidth: 18, itemStyle: { color: SHADES[i % SHADES.length] },
  }));
  const net = data.series[last];
  const line = bare
    ? { name: net.name, type: "bar", data: net.values, barMaxWidth: 18, itemStyle: { color: BLUE } }
    : { name: net.name, type: "line", data: net.values, symbol: "none", lineStyle: { color: RED, width: 2 }, itemStyle: { color: RED }, z: 5 };
  return {
    grid: { left: 4, right: 8, top: bare ? 12 : 34, bottom: 4, containLabel: true }, legend: { ...base(people, "").legend, show: !bare },
    tooltip: { ...base(told(signed), "").tooltip },
    xAxis: names(data.labels, { axisLabel: { color: DIM, fontSize: size, interval: everySoOften, lineHeight: size + 3 } }),
    yAxis: values({ axisLabel: { color: DIM, fontSize: size, formatter: n => (bare && n < 0 ? "−" : "") + short(n) } }),
    series: [...bars, line],
  };
}

function pyramid(data) {
  const [men, women] = data.series, [menThen, womenThen] = data.marks;
  const bar = (one, sign, color) => ({
    name: one.name, type: "bar", stack: "all", barWidth: 13, itemStyle: { color }, data: one.values.map(n => n === null ? null : sign * n),
  });
  const mark = (one, sign) => ({
    name: one.name, type: "scatter", symbol: "rect", symbolSize: [2, 18], itemStyle: { color: INK }, z: 4,
    data: one.values.map((n, i) => [n ? sign * n : null, i]),
  });
  const compared = menThen.values.some(n => n !== null);
  const most = round(Math.max(2, ...[men, women, menThen, womenThen].flatMap(one => one.values.map(n => n || 0))));
  return {
    legend: { ...base(people, "").legend, data: [men.name, women.name] },
    grid: { left: 4, right: 20, top: 34, bottom: 4, containLabel: true },
    xAxis: values({ min: -most, max: most, interval: most / 2, axisLabel: { color: DIM, fontSize: size, formatter: short, hideOverlap: true } }),
    yAxis: names(data.labels, { axisLine: { show: false }, axisLabel: { color: INK, fontSize: size, interval: 0 } }),
    series: [bar(men, -1, BLUE), bar(women, 1, WOMEN), ...(compared ? [mark(menThen, -1), mark(womenThen, 1)] : [])],
  };
}

function bars(data) {
  const words = data.percent ? share : people;
  return {
    legend: { show: false }, grid: { left: 4, right: 68, top: 4, bottom: 4, containLabel: true },
    xAxis: values({ show: false, minInterval: 0 }), yAxis: names(data.labels, { inverse: true, axisLine: { show: false }, axisLabel: { color: INK, fontSize: size, width: 120, overflow: "truncate", interval: 0 } }),
    series: data.series.map(one => ({
      name: one.name, type: "bar", data: one.values, barWidth: 12, itemStyle: { color: BLUE },
      label: { show: true, position: "right", color: INK, fontSize: size, formatter: p => told(words)(p.value) },
    })),
  };
}

const kinds = { flow, pyramid, bars };

function draw(id, data) {
  const box = document.getElementById(id);
  if (!box || drawn.has(id) || !box.clientWidth) return;
  const chart = window.echarts.init(box, null, { renderer: "svg" });
  chart.setOption({ ...base(data.percent ? share : people, box.getAttribute("aria-label")), ...kinds[data.kind](data) });
  drawn.set(id, chart);
}

const folds = [...document.querySelectorAll("[data-fold]")];
const source = document.getElementById("figures-data");
const all = source ? JSON.parse(source.textContent) : {};
const drawOpen = () => Object.entries(all).forEach(([id, data]) => draw(id, data));
folds.forEach(fold => fold.addEventListener("toggle", drawOpen));
if (wide.matches) folds.forEach(fold => { fold.open = true; });
drawOpen();
addEventListener("resize", () => drawn.forEach(chart => chart.resize()));
addEventListener("beforeprint", () => {
  folds.forEach(fold => { fold.open = true; });
  drawOpen();
  drawn.forEach(chart => chart.resize());
});
