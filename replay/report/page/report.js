"use strict";
(() => {
  const find = document.getElementById("find");
  const shown = document.getElementById("shown");
  const nothing = document.getElementById("nothing");
  const chips = [...document.querySelectorAll(".chip input")];
  const entries = [...document.querySelectorAll(".entry")];

  // Shows the entries that contain all words and have a selected verdict.
  const filter = () => {
    const words = find.value.toLowerCase().split(/\s+/).filter(Boolean);
    const verdicts = new Set(chips.filter((chip) => chip.checked).map((chip) => chip.value));
    let count = 0;
    for (const entry of entries) {
      const fits = verdicts.has(entry.dataset.verdict) &&
        words.every((word) => entry.dataset.text.includes(word));
      entry.hidden = !fits;
      if (fits) ++count;
    }
    for (const group of document.querySelectorAll(".group")) {
      group.hidden = !group.querySelector(".entry:not([hidden])");
    }
    nothing.hidden = count > 0;
    shown.textContent = `${count} of ${entries.length}`;
  };

  // Opens and shows the target of a link, which may be closed or filtered out.
  const reveal = () => {
    let target = null;
    try {
      target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    } catch {
      return;
    }
    if (!target) return;
    for (let at = target; at; at = at.parentElement) {
      if (at.tagName === "DETAILS") at.open = true;
      if (at.classList.contains("entry") && at.hidden) {
        find.value = "";
        for (const chip of chips) chip.checked = true;
        filter();
      }
    }
    target.scrollIntoView();
    const focus = target.querySelector("summary") || target;
    if (focus.tabIndex >= 0 || focus.tagName === "SUMMARY") focus.focus({ preventScroll: true });
  };

  const toggle = (open) => () => {
    for (const entry of entries) if (!entry.hidden) entry.open = open;
  };

  find.addEventListener("input", filter);
  for (const chip of chips) chip.addEventListener("change", filter);
  document.getElementById("open-all").addEventListener("click", toggle(true));
  document.getElementById("close-all").addEventListener("click", toggle(false));
  document.querySelector(".filter").addEventListener("submit", (event) => event.preventDefault());
  document.addEventListener("keydown", (event) => {
    if (event.key === "/" && document.activeElement !== find && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      find.focus();
      find.select();
    } else if (event.key === "Escape" && document.activeElement === find) {
      find.value = "";
      filter();
      find.blur();
    }
  });
  addEventListener("hashchange", reveal);
  filter();
  reveal();
})();
