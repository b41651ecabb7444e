// 窄屏菜单:<button data-menu aria-controls="side" aria-expanded="false">。
document.addEventListener("click", event => {
  const button = event.target.closest("[data-menu]");
  if (!button) return;
  const menu = document.getElementById(button.getAttribute("aria-controls"));
  button.setAttribute("aria-expanded", String(menu.classList.toggle("open")));
});
