// 表单:防重复提交、未保存提醒、显示口令、错误汇总得焦点、改动即提交。
// 回答是下载的表单写 data-download(页面不会换,所以不锁)。

// 一次只交一回。浏览器返回本页时解锁。
document.addEventListener("submit", event => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post" || "download" in form.dataset || form.matches("[hx-post]")) return;
  if (form.dataset.sent) return event.preventDefault();
  form.dataset.sent = "1";
  form.querySelectorAll("button[type=submit]").forEach(b => b.setAttribute("aria-disabled", "true"));
});
addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach(form => {
  delete form.dataset.sent;
  form.querySelectorAll("button[type=submit]").forEach(b => b.removeAttribute("aria-disabled"));
}));

// <form data-guard>:改过没存就离开,浏览器先问。
const written = form => new URLSearchParams([...new FormData(form)].map(([k, v]) => [k, v instanceof File ? v.name : v])).toString();
const guarded = [...document.querySelectorAll("form[data-guard]")].map(form => ({ form, before: written(form) }));
addEventListener("beforeunload", event => {
  if (!guarded.some(g => g.form.isConnected && !g.form.dataset.sent && written(g.form) !== g.before)) return;
  event.preventDefault();
  event.returnValue = "";
});

// <button type="button" data-show="#id">:显示或隐藏口令。
document.addEventListener("click", event => {
  const button = event.target.closest("[data-show]");
  if (!button) return;
  const field = document.querySelector(button.dataset.show), hidden = field.type === "password";
  field.type = hidden ? "text" : "password";
  button.setAttribute("aria-pressed", String(hidden));
});

// <select data-autosubmit>:筛选条件一改就提交所在表单。
document.addEventListener("change", event => {
  if (event.target.matches("[data-autosubmit]")) event.target.form.requestSubmit();
});

// 错误汇总先得焦点,读屏与放大的人都先看到它。
const summary = document.querySelector("[data-focus]");
if (summary) summary.focus();

// <button type="button" data-print>
document.addEventListener("click", event => {
  if (event.target.closest("[data-print]")) window.print();
});
