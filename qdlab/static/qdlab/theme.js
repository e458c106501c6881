// Runs before the first paint (a classic script in the head), so that a dark page never flashes white.
(() => {
  const wanted = () => {
    try {
      return localStorage.getItem("qdlab-theme") || "auto";
    } catch {
      return "auto"; // storage may be switched off
    }
  };
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const apply = () => {
    const choice = wanted();
    const theme = choice === "auto" ? (dark.matches ? "dark" : "light") : choice;
    const root = document.documentElement;
    if (root.dataset.bsTheme === theme) return;
    root.dataset.bsTheme = theme;
    document.dispatchEvent(new CustomEvent("qdlab:theme", { detail: theme }));
  };
  apply();
  dark.addEventListener("change", apply);
  window.addEventListener("storage", apply);
  window.qdlabTheme = {
    choice: wanted,
    choose(theme) {
      try {
        localStorage.setItem("qdlab-theme", theme);
      } catch {
        // Without storage the choice holds for this page only.
      }
      document.documentElement.dataset.bsTheme = "";
      apply();
    },
  };
})();
