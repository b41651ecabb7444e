// 拖放上传:<label class="dw-drop" data-drop>…<span data-name></span><input type="file"></label>。
const size = bytes => bytes < 1048576 ? `${Math.ceil(bytes / 1024)} KB` : `${(bytes / 1048576).toFixed(1)} MB`;

function name(box) {
  const file = box.querySelector("input[type=file]").files[0];
  box.querySelector("[data-name]").textContent = file ? `${file.name}（${size(file.size)}）` : "";
}

document.querySelectorAll("[data-drop]").forEach(box => {
  const input = box.querySelector("input[type=file]");
  ["dragenter", "dragover"].forEach(kind => box.addEventListener(kind, event => {
    event.preventDefault();
    box.classList.add("over");
  }));
  ["dragleave", "drop"].forEach(kind => box.addEventListener(kind, () => box.classList.remove("over")));
  box.addEventListener("drop", event => {
    event.preventDefault();
    if (!event.dataTransfer.files.length) return;
    input.files = event.dataTransfer.files;
    name(box);
  });
  input.addEventListener("change", () => name(box));
});
