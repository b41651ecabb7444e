// htmx 的请求带上 CSRF;4xx 的回答(拒绝与表单错误)照样换进页面,不吞掉。
document.addEventListener("htmx:configRequest", event => {
  const token = document.querySelector("meta[name=csrf-token]");
  if (token) event.detail.headers["X-CSRFToken"] = token.content;
});
document.addEventListener("htmx:beforeSwap", event => {
  const status = event.detail.xhr.status;
  if (status >= 400 && status < 500 && (event.detail.xhr.getResponseHeader("Content-Type") || "").includes("html")) {
    event.detail.shouldSwap = true;
    event.detail.isError = false;
  }
});
