// 打码值的“显示”:按钮 [data-reveal=网址] 打开 <dialog id="reveal">,写明理由后 POST;
// 回答 {"value": "…", "seconds": 60} 就地显示并倒数,到时、离开本页或打印前重新打码;
// 拒绝 {"message": "…", "clause": "…"} 显示在对话框里,已写的理由不丢。值只进 textContent,不进网址、不进存储。
const dialog = document.getElementById("reveal");
const SECONDS = 60;
let asking = null;
const shown = new Set();

function ask(button) {
  asking = button;
  dialog.querySelector("[data-title]").textContent = button.getAttribute("aria-label");
  dialog.querySelector("form").action = button.dataset.reveal;
  refuse("");
  dialog.showModal();
}

function refuse(message, clause = "") {
  const note = dialog.querySelector("[data-refusal]");
  note.hidden = !message;
  note.querySelector("[data-text]").textContent = message + (clause ? `（依据：${clause}）` : "");
}

function mask(entry) {
  clearInterval(entry.timer);
  entry.place.textContent = entry.masked;
  entry.left.remove();
  entry.button.hidden = false;
  shown.delete(entry);
}

function show(button, value, seconds) {
  const place = button.closest("[data-mask]").querySelector("[data-value]");
  const left = document.createElement("span");
  left.className = "dw-tag warn ms-1";
  left.setAttribute("role", "timer");
  const entry = { button, place, left, masked: place.textContent, until: Date.now() + seconds * 1000, timer: 0 };
  const tick = () => {
    const remaining = Math.ceil((entry.until - Date.now()) / 1000);
    if (remaining <= 0) return mask(entry);
    left.textContent = `${remaining} 秒后隐藏`;
  };
  place.textContent = value;
  place.tabIndex = -1;
  place.focus();
  button.hidden = true;
  place.after(left);
  shown.add(entry);
  entry.timer = setInterval(tick, 1000);
  tick();
}

async function submit(form) {
  let answer, said;
  try {
    answer = await fetch(form.action, { method: "POST", body: new FormData(form), headers: { Accept: "application/json" } });
    said = await answer.json();
  } catch {
    return refuse("没有收到回答，请检查网络后再试。");
  }
  if (!answer.ok) return refuse(said.message || "没有显示。", said.clause);
  dialog.close();
  form.reset();
  show(asking, said.value, said.seconds || SECONDS);
}

if (dialog) {
  document.addEventListener("click", event => {
    const button = event.target.closest("[data-reveal]");
    if (button) ask(button);
  });
  dialog.querySelector("form").addEventListener("submit", event => {
    event.preventDefault();
    submit(event.target);
  });
  const hide = () => [...shown].forEach(mask);
  addEventListener("pagehide", hide);
  addEventListener("beforeprint", hide);
}
