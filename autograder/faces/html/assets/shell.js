"use strict";
// The theme: the system's, or the reader's choice, which is kept where the browser lets a file keep anything.
(() => {
  const themes = ["system", "light", "dark"];
  const kept = {
    get() { try { return localStorage.getItem("theme"); } catch { return null; } },
    set(theme) { try { localStorage.setItem("theme", theme); } catch { /* a page from a file may not be let */ } },
  };
  let theme = themes.includes(kept.get()) ? kept.get() : "system";
  const show = () => { document.documentElement.dataset.theme = theme; };
  show();
  document.addEventListener("DOMContentLoaded", () => {
    const button = document.getElementById("theme");
    const name = document.getElementById("theme-name");
    name.textContent = theme;
    button.hidden = false;
    button.addEventListener("click", () => {
      theme = themes[(themes.indexOf(theme) + 1) % themes.length];
      name.textContent = theme;
      kept.set(theme);
      show();
    });
  });
})();
