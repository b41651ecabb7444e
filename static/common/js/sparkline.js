// 迷你折线:<svg data-spark="1,2,3" class="dw-spark" role="img" aria-label="…">。htmx 换入的内容也会画。
const NS = "http://www.w3.org/2000/svg";
const W = 96, H = 24, PAD = 3;

function element(name, attributes) {
  const made = document.createElementNS(NS, name);
  Object.entries(attributes).forEach(([key, value]) => made.setAttribute(key, value));
  return made;
}

function points(values) {
  const low = Math.min(...values), span = Math.max(...values) - low || 1;
  const step = (W - 2 * PAD) / Math.max(values.length - 1, 1);
  return values.map((v, i) => [(PAD + i * step).toFixed(1), (H - PAD - (v - low) / span * (H - 2 * PAD)).toFixed(1)]);
}

function draw(svg) {
  const values = svg.dataset.spark.split(",").map(Number).filter(Number.isFinite);
  if (!values.length || svg.childElementCount) return;
  const line = points(values), [x, y] = line[line.length - 1];
  svg.setAttribute("viewBox", `0 0 ${W} ${H}`);
  svg.append(element("path", { d: "M" + line.map(p => p.join(" ")).join("L") }), element("circle", { cx: x, cy: y, r: 2 }));
}

const drawAll = root => root.querySelectorAll("svg[data-spark]").forEach(draw);
drawAll(document);
document.addEventListener("htmx:load", event => drawAll(event.target));
