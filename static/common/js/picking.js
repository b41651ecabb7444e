// 选多行:表上 data-pick,表头复选框 [data-pick-all],选中数写进 [data-pick-count],没选时 [data-pick-bar] 不显示。
document.addEventListener("change", event => {
  const area = event.target.closest("[data-pick]");
  if (!area || !event.target.matches("input[type=checkbox]")) return;
  const boxes = [...area.querySelectorAll("tbody input[type=checkbox]")];
  if (event.target.matches("[data-pick-all]")) boxes.forEach(box => { box.checked = event.target.checked; });
  const count = boxes.filter(box => box.checked).length;
  boxes.forEach(box => box.closest("tr").classList.toggle("on", box.checked));
  const all = area.querySelector("[data-pick-all]");
  if (all) {
    all.checked = count === boxes.length;
    all.indeterminate = count > 0 && !all.checked;
  }
  area.querySelectorAll("[data-pick-count]").forEach(el => { el.textContent = count; });
  area.querySelectorAll("[data-pick-bar]").forEach(el => { el.hidden = count === 0; });
});
