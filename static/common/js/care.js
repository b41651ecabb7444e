// 大字版(关怀版):记在 cookie 里,服务器第一次送出的页面就是对的大小。放在 <head> 里最先执行,静态错误页也跟着放大。
"use strict";
(() => {
  const KEY = "dw_care", YEAR = 31536000;
  const root = document.documentElement;
  const remembered = () => document.cookie.split("; ").includes(KEY + "=1");
  const show = on => {
    root.classList.toggle("care", on);
    document.querySelectorAll("[data-care]").forEach(b => b.setAttribute("aria-pressed", String(on)));
  };
  root.classList.toggle("care", remembered());
  document.addEventListener("DOMContentLoaded", () => show(remembered()));
  document.addEventListener("click", event => {
    const button = event.target.closest("[data-care]");
    if (!button) return;
    const on = !root.classList.contains("care");
    document.cookie = KEY + "=" + (on ? "1; max-age=" + YEAR : "; max-age=0") + "; path=/; samesite=lax";
    show(on);
    if (button.dataset.care === "reload") location.reload();
  });
})();
