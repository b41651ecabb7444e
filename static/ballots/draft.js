// Drafting: of the fields that mean something under one choice only, those are shown that mean something now.
// <div data-when="mode:verifiable mode:both">: shown while one of these is chosen.

const chosen = () => new Set([...document.querySelectorAll("input[type=radio]:checked")].map((radio) => `${radio.name}:${radio.value}`));

function settle() {
  const now = chosen();
  for (const part of document.querySelectorAll("[data-when]")) part.hidden = !part.dataset.when.split(" ").some((choice) => now.has(choice));
}

document.addEventListener("change", (event) => event.target.matches("input[type=radio]") && settle());
settle();
