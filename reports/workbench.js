// The page of `ckaudit manifest edit`. It shows and asks; reading, checking, drawing and judging is done by ckaudit on this machine.
// Everything foreign becomes text, never markup. The drawing is the renderer's own, in which everything foreign is escaped.
"use strict";
const $ = (id) => document.getElementById(id);
const text = $("text"), margin = $("margin"), popup = $("names");
let token = "", names = {}, meanings = [], rows = [], open = null, checked = null, theirs = null, checking = 0, judging = 0, turn = 0, offered = [], marked = 0;

// -- asking ------------------------------------------------------------------------------------------------------------------------
async function ask(name, body, keepalive) {
  let answer;
  try {
    answer = await fetch(`/ask/${name}`, {
      method: "POST", keepalive: !!keepalive, body: JSON.stringify(body ?? {}),
      headers: { "Content-Type": "application/json", "X-Workbench-Token": token },
    });
  } catch {
    trouble("The workbench has ended. Run “ckaudit manifest edit” again; what you typed since then is only on this page.");
    throw new Error("ended");
  }
  const said = await answer.json();
  if (!answer.ok) { trouble(said.error); throw new Error(said.error); }
  trouble("");
  return said;
}
function quietly(promise) { promise.catch(() => {}); }
function trouble(words) { $("trouble").textContent = words; $("trouble").hidden = !words; }
function make(tag, given, ...inside) {
  const node = document.createElement(tag);
  for (const [key, value] of Object.entries(given ?? {})) {
    if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else if (key in node && key !== "list") node[key] = value;
    else node.setAttribute(key, value);
  }
  node.append(...inside.filter((part) => part !== "" && part !== null));
  return node;
}

// -- the list ----------------------------------------------------------------------------------------------------------------------
const GROUPS = [
  ["begun", "Begun"], ["name", "Known by name only"], ["draft", "Drafts"], ["described", "Described"], ["refused", "Refused drafts"],
];
const FROM = { "": "from timestamps", paste: "from the text of a page", screenshot: "from a picture" };
function showList(list) {
  rows = list.rows;
  $("account").textContent = list.account;
  $("count").textContent = list.known ? `${list.described} of ${list.known} described` : "none described yet";
  $("more").hidden = list.is_complete || !list.known;
  $("meter").max = Math.max(list.known, 1);
  $("meter").value = list.described;
  if (list.problem) trouble(list.problem);
  const wanted = $("find").value.trim().toLocaleLowerCase();
  const focused = document.activeElement?.dataset?.key;
  $("rows").replaceChildren(...GROUPS.map(([state, words]) => {
    const found = rows.filter((row) => row.state === state && row.name.toLocaleLowerCase().includes(wanted));
    if (!found.length) return "";
    return make("div", { className: "group-of" }, make("h2", { className: "small-head" }, words, " ", make("span", {}, String(found.length))),
      make("ul", { className: "plain" }, ...found.map(listed)));
  }).filter(Boolean));
  if (focused) rowButton(focused)?.focus();
  $("known-names").replaceChildren(...rows.filter((row) => row.state === "name").map((row) => make("option", { value: row.name })));
}
function listed(row) {
  const from = row.state === "draft" || row.state === "refused" ? FROM[row.draft_from] ?? "" : "";
  const about = [from, row.people === null || row.people === undefined ? "" : `${row.people} people`, row.status === "active" ? "" : row.status, row.is_edited ? "not saved" : ""];
  const button = make("button", { type: "button", className: `item is-${row.state}`, onclick: () => quietly(show(row.key)) },
    make("span", { className: "item-name" }, row.name || "(no name)"), make("span", { className: "fine" }, about.filter(Boolean).join(" · ")));
  button.dataset.key = row.key;
  if (open && open.key === row.key) button.setAttribute("aria-current", "true");
  return make("li", {}, button);
}
function rowButton(key) { return [...$("rows").querySelectorAll("button")].find((button) => button.dataset.key === key); }
function move(by) {
  const all = [...$("rows").querySelectorAll("button")];
  const at = all.indexOf(document.activeElement);
  (all[at + by] ?? (by < 0 ? $("find") : all[0]))?.focus();
}
function markOpen() {
  for (const button of $("rows").querySelectorAll("button")) {
    if (open && button.dataset.key === open.key) button.setAttribute("aria-current", "true");
    else button.removeAttribute("aria-current");
  }
}

// -- one automation ----------------------------------------------------------------------------------------------------------------
async function show(key) { await flush(); fill(await ask("open", { key })); }
function fill(opened) {
  open = opened;
  theirs = null;
  const isDraft = open.state === "draft" || open.state === "refused";
  sessionStorage.setItem("open", open.key);
  document.body.dataset.shown = "item";
  $("welcome").hidden = true;
  $("editor").hidden = false;
  $("state").textContent = { begun: "Begun, in no file yet", name: "Known by name only", draft: `Draft ${FROM[open.draft_from] ?? ""}`, refused: "Refused draft", described: open.file.split(/[\\/]/).slice(-2).join("/") }[open.state];
  $("name").value = open.name;
  $("name").readOnly = open.from_list;
  $("status").value = open.status;
  text.value = open.text;
  $("draft").hidden = !isDraft;
  $("refuse").textContent = open.state === "refused" ? "Take back (R)" : "";
  if (open.state === "draft") $("refuse").append(make("u", {}, "R"), "efuse");
  $("draft-words").textContent = (open.draft_from ? "Nobody has compared this with Kit's screen yet. Do so, and give it the name it has there."
    : "Timestamps show this. What leaves none is missing: removed tags, goals, fields, purchases. Compare it with Kit's screen, and give it the name it has there.")
    + (open.questions ? ` ${open.questions === 1 ? "One condition" : `${open.questions} conditions`} could not be seen: say which people go on.` : "");
  $("conflict").hidden = true;
  $("discard").hidden = true;
  $("discard").textContent = "Throw away";
  $("said").textContent = "";
  hidePopup();
  $("paste").open = false;
  $("page-text").value = $("page-said").textContent = "";
  $("page-found").replaceChildren();
  if (open.has_changed) conflict(open.origin, open.mark);
  showChecked(open.checked);
  showFits();
  edited();
  markOpen();
  judgeSoon(0);
  if (isDraft) $("editor").closest("section").focus({ preventScroll: true });
  else if (!open.name) $("name").focus({ preventScroll: true });
  else { text.focus({ preventScroll: true }); text.setSelectionRange(0, 0); }
  for (const pane of [$("editor").closest("section"), document.querySelector("main"), window]) pane.scrollTo(0, 0);
}
function edit() { return { key: open.key, name: $("name").value, text: text.value, status: $("status").value, base: open.base }; }
function isEdited() { return text.value.trim() !== open.origin.trim() || open.origin_name !== $("name").value || open.origin_status !== $("status").value || open.state === "begun"; }
function edited() { $("discard").hidden = !isEdited(); }
function changed() {
  $("fits").hidden = !$("fits-list").childElementCount || !!text.value.trim();
  edited();
  $("said").textContent = "";
  clearTimeout(checking);
  checking = setTimeout(() => quietly(check()), 150);
  judgeSoon(700);
}
async function check() {
  clearTimeout(checking);
  checking = 0;
  if (!open) return;
  const mine = edit();
  const found = await ask("check", mine);
  if (open && mine.key === open.key && mine.text === text.value) showChecked(found);
  const row = rows.find((item) => item.key === mine.key);
  if (row && (row.name !== mine.name || row.is_edited !== isEdited())) quietly(ask("list").then(showList));
}
async function flush() { if (checking) await check(); }
function judgeSoon(after) {
  clearTimeout(judging);
  judging = setTimeout(() => quietly(judge()), after);
}
async function judge() {
  if (!open || !text.value.trim()) { $("judged").hidden = true; return; }
  const mine = ++turn;
  $("judged").setAttribute("aria-busy", "true");
  const said = await ask("judge", edit());
  if (mine === turn && !said.is_late) showJudged(said);
}
function showChecked(found) {
  checked = found;
  const lines = text.value.split("\n");
  const seen = new Map(found.steps.map((step) => [step.line, step.seen])), wrong = new Set(found.problems.map((problem) => problem.line));
  margin.replaceChildren(...lines.map((_, at) => make("div", { className: wrong.has(at + 1) ? "wrong" : "" }, seen.get(at + 1) ? make("span", {}, seen.get(at + 1)) : "\u200b")));
  grow();
  fit(lines);
  const did = found.steps.filter((step) => step.seen);
  $("people").hidden = !did.length;
  $("people-list").replaceChildren(...did.map((step) => make("li", {}, make("span", {}, step.name), make("span", { className: "fine" }, step.seen))));
  $("problems").replaceChildren(...found.problems.map(problem));
  const drawn = found.drawing ? new DOMParser().parseFromString(found.drawing, "text/html").body.firstElementChild : null;
  $("drawing").hidden = !drawn;
  $("drawing").replaceChildren(...(drawn ? [document.importNode(drawn, true)] : []));
  if (!$("block-view").hidden && document.activeElement?.dataset?.role !== "value") showBlocks();  // never under somebody's typing
}
function problem(item) {
  const go = make("button", { type: "button", className: "plain-button", onclick: () => goTo(item.line, item.column) }, `Line ${item.line}`);
  const choices = item.choices.map((name) => make("button", { type: "button", className: "choice", onclick: () => choose(item, name) }, name));
  return make("li", {}, go, ` ${item.message}. `, make("span", { className: "fine" }, choices.length ? "Type more of it, or choose:" : item.hint), choices.length ? make("div", { className: "row" }, ...choices) : "");
}
function goTo(line, column) {
  asText(true);
  const start = text.value.split("\n").slice(0, line - 1).join("\n").length + (line > 1 ? 1 : 0) + column - 1;
  text.focus();
  text.setSelectionRange(start, start);
}
function choose(item, name) {
  const lines = text.value.split("\n");
  lines[item.line - 1] = lines[item.line - 1].slice(0, item.column - 1) + written(name);
  text.value = lines.join("\n");
  goTo(item.line, lines[item.line - 1].length + 1);
  changed();
}
function showJudged(said) {
  const isDraft = open.state === "draft" || open.state === "refused", found = said.findings;
  $("judged").hidden = false;
  $("judged").removeAttribute("aria-busy");
  $("judged-head").textContent = found.length ? `What an audit finds here: ${found.length}` : "What an audit finds here";
  $("judged-note").textContent = [
    said.problem || (found.length ? "" : "Nothing found in these steps."),
    isDraft && found.length ? "This is a draft: what is missing may be missing in the draft only." : "", said.unjudged,
  ].filter(Boolean).join(" ");
  $("findings").replaceChildren(...found.map((item) => make("li", { className: isDraft ? "info" : item.severity },
    make("p", {}, make("span", { className: `weight ${isDraft ? "info" : item.severity}` }, isDraft ? "Perhaps" : { error: "Urgent", warning: "Important", info: "Worth knowing" }[item.severity] ?? item.severity), " ", make("strong", {}, item.title)),
    make("p", {}, item.message), item.people ? make("p", { className: "fine" }, item.people) : "",
    item.fix.length ? make("details", {}, make("summary", {}, `How to fix it (${item.rule})`), make("ol", {}, ...item.fix.map((step) => make("li", {}, step)))) : "")));
}
function showFits() {
  const drafts = open.state === "name" || open.state === "begun" ? rows.filter((row) => row.state === "draft") : [];
  $("fits").hidden = !drafts.length || !!text.value.trim();
  $("fits-list").replaceChildren(...drafts.slice(0, 12).map((row) => make("li", {}, make("button", {
    type: "button", className: "plain-button", onclick: () => quietly(useDraft(row.key)),
  }, row.name), " ", make("span", { className: "fine" }, `${row.people} people`))));
}
async function useDraft(key) {
  const mine = open.key, found = await ask("open", { key });
  if (!open || open.key !== mine) return;
  text.value = found.text;
  $("fits").hidden = true;
  text.focus();
  changed();
}

// -- the text of Kit's page --------------------------------------------------------------------------------------------------------
async function readPage(answers) {
  if (!$("page-text").value.trim()) return;
  const mine = open.key, found = await ask("paste", { name: $("name").value, text: $("page-text").value, answers: answers ?? {} });
  if (open && open.key === mine) showPasted(found);
}
function showPasted(found) {
  const some = (count, one, many) => `${count} ${count === 1 ? one : many}`;
  $("page-said").textContent = !found.text && !found.questions.length ? found.note
    : `${some(found.steps.length, "entry or step", "entries and steps")} read, ${some(found.noise, "piece", "pieces")} of noise, ${found.unknown.length} not understood. ${found.note}`;
  $("page-found").replaceChildren(
    ...(found.questions.length ? [make("h3", {}, "What do these words mean?"), make("ul", { className: "plain" }, ...found.questions.map(question))] : []),
    ...(found.steps.length ? [make("h3", {}, "Read"), make("ul", { className: "plain" }, ...found.steps.map((step) => make("li", {}, step.words, " ",
      make("span", { className: "fine" }, `from ${step.source}${step.unsure ? `. Unsure: ${step.unsure}` : ""}`))))] : []),
    ...(found.unknown.length ? [make("h3", {}, "Not understood"), make("ul", { className: "plain" }, ...found.unknown.map((line) => make("li", {}, `${line.line}: ${line.message} `, make("span", { className: "fine" }, line.hint))))] : []),
    found.text ? make("div", { className: "row" }, make("button", { type: "button", id: "take-page", onclick: () => { asText(true); put(0, text.value.length, found.text); text.setSelectionRange(0, 0); } },
      text.value.trim() ? "Put these in place of the steps above" : "Take these steps")) : "");
}
function question(item) {
  const choice = make("select", { "aria-label": `What “${item.text}” means`, onchange: () => quietly(readPage({ [item.label]: choice.value })) },
    make("option", { value: "" }, "…"), ...meanings.map((word) => make("option", { value: word }, word.replaceAll("_", " "))));
  return make("li", {}, `“${item.text}”`, item.text === item.example ? " " : ` beside “${item.example}” `, choice);
}

// -- saving ------------------------------------------------------------------------------------------------------------------------
async function save(next) {
  if (!open) return;
  clearTimeout(checking);
  checking = 0;
  const mine = edit(), at = rows.findIndex((row) => row.key === open.key), said = await ask("save", mine);
  showList(said.list);
  if (said.has_changed) return conflict(said.theirs, said.base);
  if (!said.is_written) {
    $("said").textContent = "Not saved yet: see what is wrong above.";
    $("problems").replaceChildren(...said.problems.map(problem));
    return goTo(said.problems[0].line, said.problems[0].column);
  }
  await written_(said, next, at);
}
async function written_(said, next, at) {
  const first = open.state === "draft" ? ["draft", "name", "begun"] : ["name", "begun", "draft"];  // more of the same, then the rest
  const todo = first.flatMap((state) => [...rows.slice(Math.max(at, 0)), ...rows].filter((row) => row.state === state));
  if (next && todo.length) {
    await show(todo[0].key);
  } else {
    fill(await ask("open", { key: said.key }));
  }
  $("said").textContent = next && !todo.length ? `${said.note}. Nothing is left to describe.` : said.note;
}
function conflict(words, base) {
  theirs = { words, base };
  $("theirs").textContent = words;
  $("conflict").hidden = false;
  $("keep-mine").focus();
}
async function answer(accepted) {
  const at = rows.findIndex((row) => row.key === open.key);
  await flush();
  const said = await ask("answer", { key: open.key, is_accepted: accepted, name: $("name").value });
  showList(said.list);
  if (accepted && !said.is_written) {
    if (said.has_changed) return conflict(said.theirs, said.base);
    $("problems").replaceChildren(...said.problems.map(problem));
    $("said").textContent = "Not accepted yet: see what is wrong above.";
    return text.focus();
  }
  await written_(said, true, at);
}
async function discard(sure) {
  if (!sure && $("discard").textContent === "Throw away") { $("discard").textContent = "Press again to throw away what is not saved"; return; }
  clearTimeout(checking);
  checking = 0;
  const { key, state } = open;
  showList(await ask("discard", { key }));
  if (state === "begun") return home();
  fill(await ask("open", { key }));
  showList(await ask("list"));
}
function home() {
  open = null;
  sessionStorage.removeItem("open");
  document.body.dataset.shown = "list";
  $("welcome").hidden = false;
  $("editor").hidden = true;
  $("judged").hidden = true;
  $("drawing").hidden = true;
  markOpen();
  ($("rows").querySelector("button") ?? $("find")).focus();
}
async function begin() {
  await flush();
  fill(await ask("begin", { key: "", name: "", text: "" }));
  showList(await ask("list"));
}

// -- completion --------------------------------------------------------------------------------------------------------------------
const LINE = /^(\s*)(>>|<<|!!|[>+\-=%&?/!|])(\s*)(.*)$/s;
const SUB = { "@": "form", "%": "field", "-": "tag", "$": "", "&": "", "<": "" };
const KIND = { "+": "tag", "-": "tag", "=": "sequence", "%": "field", ">>": "automation", "<<": "automation", "/": "tag" };
function meant() {
  const start = text.value.lastIndexOf("\n", text.selectionStart - 1) + 1;
  const stop = text.value.indexOf("\n", text.selectionStart);
  if (text.selectionStart !== text.selectionEnd || text.selectionStart !== (stop < 0 ? text.value.length : stop)) return null;
  const found = LINE.exec(text.value.slice(start, text.selectionStart));
  if (!found) return null;
  let [, indent, sign, space, rest] = found, kind = KIND[sign] ?? "tag", at = start + indent.length + sign.length + space.length;
  if (sign === "&") return null;
  if (!(sign in KIND) && rest[0] in SUB) {
    kind = SUB[rest[0]];
    const skip = rest.length - rest.slice(1).trimStart().length;
    at += skip;
    rest = rest.slice(skip);
  }
  if (!kind || (kind === "field" && /[=~<>]/.test(rest)) || rest.startsWith('"') || rest.startsWith("#")) return null;
  return { kind, at, rest };
}
function matches(kind, part) {
  const wanted = part.toLocaleLowerCase(), all = names[kind] ?? [];
  const ranked = all.map((name) => [name.toLocaleLowerCase().indexOf(wanted), name]).filter(([at]) => at >= 0);
  const rank = ([at, name]) => (at === 0 ? 0 : /[\p{L}\p{N}]/u.test(name[at - 1]) ? 2 : 1);
  return ranked.sort((one, two) => rank(one) - rank(two)).slice(0, 8).map(([, name]) => name);
}
function written(name) { return /^[>+\-=%&?/!|*@$<#"]/.test(name) || name.trim() !== name ? JSON.stringify(name) : name; }
function offer() {
  const found = meant();
  offered = found && found.rest.trim() ? matches(found.kind, found.rest.trim()) : [];
  if (!offered.length || (offered.length === 1 && offered[0] === found.rest)) return hidePopup();
  marked = 0;
  popup.replaceChildren(...offered.map((name, at) => make("li", {
    role: "option", id: `name-${at}`, onmousedown: (event) => { event.preventDefault(); marked = at; take(); },
  }, name)));
  const line = text.value.slice(0, found.at).split("\n").length, column = found.at - (text.value.lastIndexOf("\n", found.at - 1) + 1);
  popup.hidden = false;
  const style = getComputedStyle(text), height = parseFloat(style.lineHeight);
  popup.style.top = `${parseFloat(style.paddingTop) + line * height - text.scrollTop + 2}px`;
  popup.style.left = `min(${column}ch, max(0px, 100% - 20rem))`;
  mark(0);
}
function mark(at) {
  marked = (at + offered.length) % offered.length;
  [...popup.children].forEach((item, number) => item.setAttribute("aria-selected", String(number === marked)));
  text.setAttribute("aria-activedescendant", `name-${marked}`);
}
function hidePopup() {
  offered = [];
  popup.hidden = true;
  text.removeAttribute("aria-activedescendant");
}
function take() {
  const found = meant();
  if (found) put(found.at, text.selectionStart, written(offered[marked]));
  hidePopup();
}
function put(from, to, words) {
  text.focus();
  text.setSelectionRange(from, to);
  if (!document.execCommand("insertText", false, words)) { text.setRangeText(words, from, to, "end"); changed(); }
}
function newLine() {
  const start = text.value.lastIndexOf("\n", text.selectionStart - 1) + 1, line = text.value.slice(start, text.selectionStart);
  const indent = /^\s*/.exec(line)[0];
  if (line && !line.trim()) return put(start, text.selectionStart, indent.slice(2));
  put(text.selectionStart, text.selectionEnd, `\n${indent}${/^\s*(\?|\/|!!|\|)/.test(line) ? "  " : ""}`);
}
function fit(lines) {  // what would cover the text is left to the list below it
  const width = parseFloat(getComputedStyle(text).fontSize) * 0.61;
  [...margin.children].forEach((line, at) => { if (line.firstElementChild) line.firstElementChild.hidden = lines[at].length * width + line.firstElementChild.offsetWidth + 24 > text.clientWidth; });
  $("people").open = [...margin.querySelectorAll("span")].some((note) => note.hidden);
}
function grow() {
  text.rows = Math.max(8, text.value.split("\n").length + 1);
  margin.scrollTop = text.scrollTop;
}

// -- blocks ------------------------------------------------------------------------------------------------------------------------
const BLOCKS = [
  ["> @", "Starts: joins form", "form"], ["> $", "Starts: purchases"], ["> %", "Starts: field changes", "field"], ["> &", "Starts: app reports"],
  [">>", "Start automation", "automation"], ["<<", "Remove from automation", "automation"], [">", "Starts: tag is added", "tag"],
  ["+", "Add tag", "tag"], ["-", "Remove tag", "tag"], ["=", "Email sequence", "sequence"], ["", "Delay"], ["exit", "Leave"],
  ["? %", "Condition: field", "field"], ["? <", "Condition: opened within"], ["? &", "Condition: filter"], ["?", "Condition: has tag", "tag"],
  ["!!", "Events side by side", "tag"], ["! -", "Event: tag is removed", "tag"], ["! $", "Event: purchase"], ["! %", "Event: field changes", "field"],
  ["! &", "Event: app reports"], ["!", "Event: tag is added", "tag"], ["/", "Split by tag", "tag"], ["|", "Otherwise", "tag"],
  ["%", "Set field", "field"], ["&", "App action"],
];
function parts(line) {
  const indent = /^\s*/.exec(line)[0], said = line.trim();
  if (!said) return { indent, sign: "+", value: "" };
  if (said === "exit") return { indent, sign: "exit", value: "" };
  if (/^\d/.test(said)) return { indent, sign: "", value: said };
  const found = BLOCKS.find(([sign]) => sign && sign !== "exit" && new RegExp(`^${sign.trim().split(/\s+/).map((part) => part.replace(/[?$|+/<]/g, "\\$&")).join("\\s*")}`).test(said));
  if (!found) return { indent, sign: null, value: said };
  const rest = found[0].trim().split(/\s+/).reduce((left, part) => left.trimStart().slice(part.length), said);
  return { indent, sign: found[0], value: rest.trim() };
}
function joined({ indent, sign, value }) { return indent + (sign === null ? value : [sign.trim(), value].filter(Boolean).join(" ")); }
function showBlocks() {
  const focused = document.activeElement, at = focused?.dataset?.line, role = focused?.dataset?.role, caret = focused?.selectionStart;
  const lines = text.value.replace(/\n+$/, "").split("\n"), steps = new Map((checked?.steps ?? []).map((step) => [step.line, step]));
  const wrong = new Map((checked?.problems ?? []).map((item) => [item.line, item.message]));
  $("block-view").replaceChildren(
    make("ol", { className: "blocks" }, ...lines.map((line, number) => block(line, number, steps.get(number + 1), wrong.get(number + 1)))),
    make("button", { type: "button", onclick: () => insert(lines.length) }, "Add a step"),
    ...["tag", "sequence", "form", "field", "automation"].map((kind) => make("datalist", { id: `of-${kind}` }, ...(names[kind] ?? []).map((name) => make("option", { value: name })))));
  if (at !== undefined) {
    const again = $("block-view").querySelector(`[data-line="${at}"][data-role="${role}"]`);
    again?.focus();
    if (again && caret !== undefined && again.setSelectionRange) again.setSelectionRange(caret, caret);
  }
}
function block(line, number, step, wrong) {
  const has = parts(line), kind = BLOCKS.find(([sign]) => sign === has.sign)?.[2] ?? "";
  const change = (given) => { replaceLine(number, joined({ ...parts(text.value.split("\n")[number]), ...given })); };
  const choice = make("select", { onchange: () => { change({ sign: choice.value === "…" ? null : choice.value }); showBlocks(); }, "aria-label": `Step ${number + 1}: what it does` },
    ...BLOCKS.map(([sign, words]) => make("option", { value: sign }, words)), has.sign === null ? make("option", { value: "…" }, "Other") : "");
  choice.value = has.sign ?? "…";
  const value = make("input", { value: step?.name && !/[=~<>"]/.test(has.value) && kind ? step.name : has.value, "aria-label": `Step ${number + 1}: ${step?.verb ?? "which"}`, oninput: () => change({ value: kind ? written(value.value) : value.value }), onchange: () => changed(),
    onkeydown: (event) => { if (event.key === "Enter" && !event.ctrlKey) { event.preventDefault(); change({ value: kind ? written(value.value) : value.value }); insert(number + 1); } } });
  if (kind) value.setAttribute("list", `of-${kind}`);
  value.hidden = has.sign === "exit";
  Object.assign(choice.dataset, { line: number, role: "kind" });
  Object.assign(value.dataset, { line: number, role: "value" });
  const item = make("li", { className: wrong ? "wrong" : "", onkeydown: (event) => { if (event.altKey && /^Arrow(Up|Down)$/.test(event.key)) { event.preventDefault(); swap(number, event.key === "ArrowUp" ? -1 : 1); } } },
    choice, value,
    make("span", { className: "moves" }, ...[["↑", "Move up", () => swap(number, -1)], ["↓", "Move down", () => swap(number, 1)], ["+", "Add a step below", () => insert(number + 1)], ["✕", "Delete", () => remove(number)]].map(
      ([sign, words, act]) => make("button", { type: "button", className: "plain-button", title: words, "aria-label": `${words}: step ${number + 1}`, onclick: act }, sign))),
    step?.seen ? make("span", { className: "seen" }, step.seen) : "",
    wrong ? make("p", { className: "fine" }, wrong) : "");
  item.style.paddingLeft = `${has.indent.length * 0.75}rem`;
  return item;
}
function withLines(how) { const lines = text.value.replace(/\n+$/, "").split("\n"); how(lines); text.value = lines.join("\n"); changed(); }
function replaceLine(number, line) { withLines((lines) => { lines[number] = line; }); }
function insert(number) {
  withLines((lines) => {
    const above = lines[number - 1] ?? "", opens = /^\s*(\?|\/|!!|\|)/.test(above) ? "  " : "";
    if (number === 1 && !above.trim()) lines[0] = "> ";
    else lines.splice(number, 0, `${/^\s*/.exec(above)[0]}${opens}+ `);
  });
  showBlocks();
  ($("block-view").querySelector(`[data-line="${number}"][data-role="kind"]`) ?? $("block-view").querySelector("select"))?.focus();
}
function remove(number) { withLines((lines) => lines.splice(number, 1)); showBlocks(); $("block-view").querySelector(`[data-line="${Math.max(number - 1, 0)}"]`)?.focus(); }
function swap(number, by) {
  const to = number + by, last = text.value.replace(/\n+$/, "").split("\n").length - 1;
  if (to < 0 || to > last) return;
  withLines((lines) => { [lines[number], lines[to]] = [lines[to], lines[number]]; });
  const role = document.activeElement?.dataset?.role ?? "value";
  showBlocks();
  $("block-view").querySelector(`[data-line="${to}"][data-role="${role}"]`)?.focus();
}
function asText(yes) {
  $("text-view").hidden = $("text-help").hidden = !yes;
  $("block-view").hidden = yes;
  $("as-text").setAttribute("aria-pressed", String(yes));
  $("as-blocks").setAttribute("aria-pressed", String(!yes));
  if (yes) grow(); else showBlocks();
}

// -- keys --------------------------------------------------------------------------------------------------------------------------
function inText(target) { return target.matches("input, textarea, select"); }
text.addEventListener("keydown", (event) => {
  if (event.isComposing || event.ctrlKey || event.altKey || event.metaKey) return;
  const shown = !popup.hidden;
  if (shown && (event.key === "ArrowDown" || event.key === "ArrowUp")) mark(marked + (event.key === "ArrowDown" ? 1 : -1));
  else if (shown && event.key === "Tab" && !event.shiftKey) take();
  else if (shown && event.key === "Escape") { hidePopup(); event.stopPropagation(); }
  else if (event.key === "Enter") { if (shown && (marked || offered.length === 1)) take(); newLine(); hidePopup(); }
  else return;
  event.preventDefault();
});
text.addEventListener("input", () => { grow(); offer(); changed(); });
text.addEventListener("blur", () => hidePopup());
text.addEventListener("click", () => hidePopup());
text.addEventListener("scroll", () => { margin.scrollTop = text.scrollTop; });
document.addEventListener("keydown", (event) => {
  const command = event.ctrlKey || event.metaKey;
  if ($("helping").open) return;
  if (command && event.key === "s") { event.preventDefault(); quietly(save(false)); }
  else if (command && event.key === "Enter") { event.preventDefault(); quietly(save(true)); }
  else if (event.key === "Escape" && open) { event.preventDefault(); const key = open.key; document.body.dataset.shown = "list"; (rowButton(key) ?? $("find")).focus(); }
  else if (command || event.altKey) return;
  else if (event.target.closest(".list") && (event.key === "ArrowDown" || event.key === "ArrowUp")) { event.preventDefault(); move(event.key === "ArrowDown" ? 1 : -1); }
  else if (inText(event.target)) return;
  else if (event.key === "/") { event.preventDefault(); $("find").focus(); }
  else if (event.key === "?") { event.preventDefault(); $("helping").showModal(); }
  else if (event.key === "n") { event.preventDefault(); quietly(begin()); }
  else if (open && !$("draft").hidden && "acr".includes(event.key)) { event.preventDefault(); $({ a: "accept", c: "change", r: "refuse" }[event.key]).click(); }
});
for (const id of ["name", "status"]) $(id).addEventListener("input", changed);
$("find").addEventListener("input", () => quietly(ask("list").then(showList)));
$("find").addEventListener("keydown", (event) => { if (event.key === "Enter") { event.preventDefault(); $("rows").querySelector("button")?.click(); } });
$("editor").addEventListener("submit", (event) => event.preventDefault());
$("accept").addEventListener("click", () => quietly(answer(true)));
$("refuse").addEventListener("click", () => quietly(answer(false)));
$("change").addEventListener("click", () => { asText(true); text.focus(); });
$("save").addEventListener("click", () => quietly(save(false)));
$("save-next").addEventListener("click", () => quietly(save(true)));
$("discard").addEventListener("click", () => quietly(discard(false)));
$("discard").addEventListener("blur", () => { $("discard").textContent = "Throw away"; });
$("keep-mine").addEventListener("click", () => { open.base = theirs.base; $("conflict").hidden = true; quietly(save(false)); });
$("read-page").addEventListener("click", () => quietly(readPage()));
$("take-theirs").addEventListener("click", () => quietly(discard(true)));
$("as-text").addEventListener("click", () => { asText(true); text.focus(); });
$("as-blocks").addEventListener("click", () => asText(false));
$("new").addEventListener("click", () => quietly(begin()));
$("back").addEventListener("click", () => { const key = open.key; document.body.dataset.shown = "list"; (rowButton(key) ?? $("find")).focus(); });
$("help").addEventListener("click", () => $("helping").showModal());
$("close-help").addEventListener("click", () => $("helping").close());
$("end").addEventListener("click", async () => { await flush(); await ask("end"); trouble("The workbench has ended. You can close this page."); document.body.classList.add("ended"); });
window.addEventListener("pagehide", () => { if (checking && open) quietly(ask("check", edit(), true)); });
window.addEventListener("focus", () => { if (open && !checking && $("conflict").hidden && !document.body.classList.contains("ended")) quietly(again()); });
async function again() {
  const mine = open.key, opened = await ask("open", { key: mine });
  showList(await ask("list"));
  if (!open || open.key !== mine || checking) return;
  if (opened.has_changed) conflict(opened.origin, opened.mark);
  else if (opened.base !== open.base) fill(opened);
}

async function begun() {
  token = location.hash.slice(1) || sessionStorage.getItem("token") || "";
  history.replaceState(null, "", "/");
  if (token.startsWith("once-")) {
    token = token.slice("once-".length);
    token = (await ask("token")).token;
  }
  sessionStorage.setItem("token", token);
  const start = await ask("start");
  names = start.names;
  meanings = start.meanings;
  $("no-timestamps").hidden = start.has_timestamps;
  $("notation").textContent = start.notation;
  showList(start.list);
  const last = sessionStorage.getItem("open");
  if (last && rows.some((row) => row.key === last)) await show(last);
  else $("rows").querySelector("button")?.focus();
}
quietly(begun());
