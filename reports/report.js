// Adds filter, sort and copy to a report that is complete without them. Text goes in through textContent only.
(() => {
  "use strict";
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const filter = document.getElementById("filter");
  const table = document.getElementById("overview");
  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);

  const applyFilter = () => {
    const asked = new FormData(filter);
    const severities = asked.getAll("severity");
    const words = asked.get("text").toLowerCase().split(/\s+/).filter(Boolean);
    const cards = all("article.finding");
    let shown = 0;
    for (const card of cards) {
      const group = card.closest(".group");
      const text = [group.querySelector("summary").textContent, card.textContent].join(" ").toLowerCase();
      const fits = severities.includes(card.dataset.severity)
        && (!asked.get("theme") || asked.get("theme") === group.dataset.theme)
        && words.every((word) => text.includes(word));
      card.hidden = !fits;
      const row = table && table.querySelector(`[data-finding="${card.id}"]`);
      if (row) row.hidden = !fits;
      shown += fits ? 1 : 0;
    }
    for (const group of all(".group")) group.hidden = all("article.finding", group).every((card) => card.hidden);
    for (const part of all(".part-of-plan")) part.hidden = all(".group", part).every((group) => group.hidden);
    filter.querySelector("[role=status]").textContent = fill(filter.dataset.status, { shown, all: cards.length });
  };

  const value = (row, index, kind) => {
    const cell = row.cells[index];
    return kind === "text" ? cell.textContent.trim() : Number(cell.dataset.value);
  };

  const sortBy = (head, kind) => {
    const index = head.cellIndex;
    const first = kind === "number" ? "descending" : "ascending";
    const other = first === "ascending" ? "descending" : "ascending";
    const order = head.getAttribute("aria-sort") === first ? other : first;
    for (const one of all("th", table)) one.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", order);
    const sign = order === "ascending" ? 1 : -1;
    const compare = (a, b) => {
      const [x, y] = [value(a, index, kind), value(b, index, kind)];
      return sign * (kind === "text" ? x.localeCompare(y, document.documentElement.lang, { numeric: true }) : x - y);
    };
    table.tBodies[0].append(...all("tbody tr", table).sort(compare));
    filter.querySelector("[role=status]").textContent = fill(filter.dataset.sorted, { column: head.textContent.trim() });
  };

  if (filter) {
    filter.hidden = false;
    const everything = document.getElementById("open-all");
    everything.addEventListener("click", () => {
      const opening = everything.textContent === everything.dataset.open;
      for (const group of all(".group")) group.open = opening;
      everything.textContent = opening ? everything.dataset.close : everything.dataset.open;
    });
    filter.addEventListener("input", applyFilter);
    filter.addEventListener("reset", () => setTimeout(applyFilter));
    filter.addEventListener("submit", (event) => event.preventDefault());
  }
  if (table) {
    for (const head of all("thead th", table)) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "sort";
      button.textContent = head.textContent;
      button.addEventListener("click", () => sortBy(head, head.dataset.sort));
      head.replaceChildren(button);
    }
  }

  // A search for the rows of long tables.
  for (const form of all("form.row-filter")) {
    const rows = all(`${form.dataset.rows} tbody tr`);
    form.hidden = false;
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("input", () => {
      const words = new FormData(form).get("words").toLowerCase().split(/\s+/).filter(Boolean);
      for (const row of rows) row.hidden = !words.every((word) => row.textContent.toLowerCase().includes(word));
      for (const group of new Set(rows.map((row) => row.closest(".link-group")))) {
        group.hidden = all("tbody tr", group).every((row) => row.hidden);
      }
      form.querySelector("[role=status]").textContent = fill(form.dataset.status, { shown: rows.filter((row) => !row.hidden).length, all: rows.length });
    });
  }

  const copy = async (text) => {
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      const field = document.createElement("textarea");
      field.value = text;
      document.body.append(field);
      field.select();
      document.execCommand("copy");
      field.remove();
    }
  };
  for (const button of all("button.copy")) {
    button.hidden = false;
    button.setAttribute("aria-live", "polite");
    button.addEventListener("click", async () => {
      const group = button.closest(".group");
      const steps = all(".steps li", group).map((step, index) => `${index + 1}. ${step.textContent.trim()}`);
      const places = all("article.finding > h5", group).map((head) => `- ${head.textContent.trim()}`);
      const label = [...button.childNodes];
      await copy([group.querySelector("h4").textContent.trim(), ...places, "", ...steps, ""].join("\n"));
      button.textContent = button.dataset.done;
      setTimeout(() => button.replaceChildren(...label), 2000);
    });
  }

  // A drawing that is wider than the page can be moved with the arrow keys.
  const reachable = () => {
    for (const canvas of all(".canvas, .wide")) {
      if (canvas.scrollWidth > canvas.clientWidth) canvas.tabIndex = 0;
      else canvas.removeAttribute("tabindex");
    }
  };
  reachable();
  addEventListener("resize", reachable);
  for (const details of all("details")) details.addEventListener("toggle", reachable);

  // A link to something folded away opens it.
  const openTarget = () => {
    const target = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    for (let folded = target && target.closest("details"); folded; folded = folded.parentElement.closest("details")) folded.open = true;
    if (target) target.scrollIntoView();
  };
  addEventListener("hashchange", openTarget);
  openTarget();
})();
