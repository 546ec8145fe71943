// Light and dark: the page follows the system until somebody says otherwise, and paper is light.
const dark = matchMedia("(prefers-color-scheme: dark)");
const paper = matchMedia("print");
const repaints = [];

function isDark() {
  const chosen = document.documentElement.dataset.theme;
  return chosen ? chosen === "dark" : dark.matches;
}

// A custom property with light-dark() in it has to be resolved by an element, which takes a while.
const resolved = new Map();
function color(name) {
  if (!resolved.has(name)) resolved.set(name, probed(name));
  return resolved.get(name);
}

function probed(name) {
  const probe = made("span", { hidden: true });
  probe.style.color = `var(${name})`;
  document.body.append(probe);
  const found = getComputedStyle(probe).color;
  probe.remove();
  return found;
}

function repaint() {
  resolved.clear();
  repaints.forEach((one) => one());
}

find("#theme").addEventListener("click", () => {
  document.documentElement.dataset.theme = isDark() ? "light" : "dark";
  repaint();
});
dark.addEventListener("change", repaint);
paper.addEventListener("change", repaint);
