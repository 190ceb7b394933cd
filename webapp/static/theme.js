// Runs before the first paint: "follow the machine" can't be told from the server. Without script the page is light.
(() => {
  const root = document.documentElement;
  if (root.dataset.appearance !== 'auto') return;
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const apply = () => { root.dataset.bsTheme = dark.matches ? 'dark' : 'light'; };
  apply();
  dark.addEventListener('change', apply);
})();
