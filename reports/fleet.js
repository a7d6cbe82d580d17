// Adds filter and sort to the summary of several accounts, which is complete without them. Text goes in through textContent only.
(() => {
  "use strict";
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const filter = document.getElementById("filter");
  const table = document.getElementById("overview");
  if (!filter || !table) return;
  const status = filter.querySelector("[role=status]");
  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);

  const applyFilter = () => {
    const asked = new FormData(filter);
    const words = asked.get("text").toLowerCase().split(/\s+/).filter(Boolean);
    const label = asked.get("label");
    const rows = all("tbody tr", table);
    let shown = 0;
    for (const row of rows) {
      const text = row.textContent.toLowerCase();
      const fits = (!label || row.dataset.labels.split("\n").includes(label)) && words.every((word) => text.includes(word));
      row.hidden = !fits;
      shown += fits ? 1 : 0;
    }
    status.textContent = fill(filter.dataset.status, { shown, all: rows.length });
  };

  const sortBy = (head) => {
    const isNumber = head.dataset.sort === "number";
    const first = isNumber ? "descending" : "ascending";
    const order = head.getAttribute("aria-sort") === first ? (isNumber ? "ascending" : "descending") : first;
    for (const one of all("th", table)) one.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", order);
    const sign = order === "ascending" ? 1 : -1;
    const value = (row) => (isNumber ? Number(row.cells[head.cellIndex].dataset.value) : row.cells[head.cellIndex].textContent.trim());
    const compare = (a, b) => {
      const [x, y] = [value(a), value(b)];
      return sign * (isNumber ? x - y : x.localeCompare(y, document.documentElement.lang, { numeric: true }));
    };
    table.tBodies[0].append(...all("tbody tr", table).sort(compare));
    status.textContent = fill(filter.dataset.sorted, { column: head.textContent.trim() });
  };

  filter.hidden = false;
  filter.addEventListener("input", applyFilter);
  filter.addEventListener("reset", () => setTimeout(applyFilter));
  filter.addEventListener("submit", (event) => event.preventDefault());
  for (const head of all("thead th", table)) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "sort";
    button.textContent = head.textContent;
    button.addEventListener("click", () => sortBy(head));
    head.replaceChildren(button);
  }

  // A table that is wider than the page can be moved with the arrow keys.
  const reachable = () => {
    for (const wide of all(".wide")) {
      if (wide.scrollWidth > wide.clientWidth) wide.tabIndex = 0;
      else wide.removeAttribute("tabindex");
    }
  };
  reachable();
  addEventListener("resize", reachable);
})();
