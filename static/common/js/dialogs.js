// 对话框:[data-open="id"] 打开,[data-close] 关闭,点幕布关闭。
// 不可逆的事先问一遍:提交按钮(或表单)上写 data-confirm="会发生什么",公用 <dialog id="confirm">。
const question = document.getElementById("confirm");
let pending = null;

document.addEventListener("click", event => {
  const opener = event.target.closest("[data-open]");
  if (opener) document.getElementById(opener.dataset.open).showModal();
  const closer = event.target.closest("[data-close]");
  if (closer) closer.closest("dialog").close();
  if (event.target.matches("dialog.dw-dialog") && !event.target.querySelector("form[data-guard]")) event.target.close();
});

document.addEventListener("submit", event => {
  const form = event.target, submitter = event.submitter;
  const text = (submitter && submitter.dataset.confirm) || form.dataset.confirm;
  if (!text || !question || form.dataset.confirmed) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  pending = { form, submitter };
  question.querySelector("[data-text]").textContent = text;
  question.querySelector("[data-yes]").textContent = (submitter && submitter.textContent.trim()) || "确定";
  question.showModal();
}, true);

if (question) {
  question.querySelector("[data-yes]").addEventListener("click", () => {
    question.close();
    const { form, submitter } = pending;
    form.dataset.confirmed = "1";
    form.requestSubmit(submitter || undefined);
    delete form.dataset.confirmed;
  });
}
