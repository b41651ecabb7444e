// 浮层 <details>:点外面收起;Esc 收起并把焦点交还。同一时刻只开一个。
const FLOATING = "details.dw-node[open], details.dw-who[open], details.dw-clause.pop[open]";
const open = () => [...document.querySelectorAll(FLOATING)];

document.addEventListener("click", event => {
  open().filter(d => !d.contains(event.target)).forEach(d => { d.open = false; });
});
document.addEventListener("keydown", event => {
  if (event.key !== "Escape") return;
  open().forEach(d => { d.open = false; d.querySelector("summary").focus(); });
});

// 浮层里的即输即筛:<input data-narrow="列表的 id">,只比对看得见的文字与 data-key(拼音首字母)。
document.addEventListener("input", event => {
  const list = event.target.dataset.narrow && document.getElementById(event.target.dataset.narrow);
  if (!list) return;
  const asked = event.target.value.trim().toLowerCase();
  list.querySelectorAll("li").forEach(item => {
    const text = (item.textContent + " " + (item.dataset.key || "")).toLowerCase();
    item.hidden = Boolean(asked) && !text.includes(asked);
  });
});
