// What the pages can do besides, where scripts run: follow changes, sort and ask without a reload, slide through days.
// The server draws everything: a change is the same page asked for again, of which what differs is put in place.

const lost = document.getElementById("lost");
const said = document.getElementById("said");
const PAUSE = 1000; // at most so often is a page asked for again, in milliseconds
const still = matchMedia("(prefers-reduced-motion: reduce)");
let shown = new Date(lost.dataset.shown);
let streams = [];
let polling = 0;
let waiting = 0;
let lastAsked = 0;
let going = null;
let path = location.pathname + location.search; // what is shown: going to an anchor asks for nothing

async function ask(url) {
  going?.abort();
  going = new AbortController();
  const answer = await fetch(url, { headers: { Accept: "text/html" }, signal: going.signal });
  if (answer.status >= 500) throw new Error(`${answer.status} from ${url}`);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (!page.getElementById("main")) throw new Error(`no page at ${url}`);
  if (answer.ok) shown = new Date(page.getElementById("lost").dataset.shown);
  return page;
}

// Put in place what differs, and say so: parts marked data-live only, so that nothing moves under a reader's hands.
function renew(page) {
  const changes = [];
  for (const fresh of page.querySelectorAll("[data-live]")) {
    const old = document.getElementById(fresh.id);
    if (!old || old.innerHTML === fresh.innerHTML) continue;
    const before = values(old);
    const focused = old.contains(document.activeElement) ? focusOf(document.activeElement) : null;
    old.replaceChildren(...fresh.childNodes);
    focused?.();
    for (const [id, value] of values(old)) {
      if (before.get(id) === value) continue;
      const row = document.getElementById(id);
      row.classList.add("changed");
      if (still.matches) setTimeout(() => row.classList.remove("changed"), 6000);
      changes.push(row.dataset.say);
    }
  }
  if (changes.length) said.textContent = `Changed: ${changes.slice(0, 3).join("; ")}${changes.length > 3 ? ` and ${changes.length - 3} more` : ""}`;
}

const values = (root) => new Map([...root.querySelectorAll("[data-is]")].map((each) => [each.id, each.dataset.is]));

// The link that had the focus is another element afterwards: found again by its address.
function focusOf(element) {
  const { id } = element;
  const href = element.getAttribute("href");
  return () => {
    const same = (id && document.getElementById(id)) || (href && document.querySelector(`main a[href="${CSS.escape(href)}"]`));
    same?.focus({ preventScroll: true });
  };
}

function changed() {
  if (waiting) return;
  waiting = setTimeout(async () => {
    waiting = 0;
    lastAsked = Date.now();
    try {
      renew(await ask(location.href));
      alive();
    } catch (error) {
      if (error.name === "AbortError") return;
      gone();
      setTimeout(changed, 3000 + 3000 * Math.random());
    }
  }, Math.max(0, lastAsked + PAUSE - Date.now()) + 100 * Math.random());
}

// Another question to the same page, without a reload.
async function go(url, push = true) {
  const focused = focusOf(document.activeElement);
  try {
    const page = await ask(url);
    document.title = page.title;
    if (push) history.pushState(null, "", url);
    path = location.pathname + location.search;
    document.getElementById("main").replaceChildren(...page.getElementById("main").childNodes);
    alive();
    dress();
    const { hash } = new URL(url, location.href);
    if (hash) document.getElementById(decodeURIComponent(hash.slice(1)))?.scrollIntoView({ block: "nearest" });
    focused();
    said.textContent = "Updated";
  } catch (error) {
    if (error.name !== "AbortError") location.assign(url);
  }
}

function gone() {
  if (!lost.hidden) return;
  const time = shown.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  lost.textContent = `Connection lost, showing numbers of ${time}.`;
  lost.hidden = false;
}

function alive() {
  lost.hidden = true;
  lost.textContent = "";
}

function follow() {
  stop();
  const main = document.getElementById("main");
  if (main.dataset.retry) setTimeout(() => location.reload(), 1000 * main.dataset.retry);
  // Ages grow without an event. A page of everything would need more streams than a browser opens to one host: it asks often.
  polling = setInterval(() => { if (!document.hidden) changed(); }, 1000 * (main.dataset.every || 30));
  for (const { name, mark, keys } of JSON.parse(main.dataset.follow || "[]")) {
    const stream = new EventSource(`/projections/${name}/events?last_event_id=${encodeURIComponent(mark)}`);
    let failed = false;
    const told = (event) => {
      if (!keys || ["reset", "version", "dead-letters"].includes(event.type) || keys.includes(JSON.parse(event.data).key)) changed();
    };
    for (const kind of ["row", "gone", "version", "reset", "dead-letters"]) stream.addEventListener(kind, told);
    stream.addEventListener("caught-up", () => {
      if (failed) changed();
      failed = false;
    });
    stream.onopen = alive;
    stream.onerror = () => {
      failed = true;
      gone();
      // Turned away instead of interrupted: browsers do not try that again by themselves.
      if (stream.readyState === EventSource.CLOSED) setTimeout(() => { if (streams.includes(stream)) { follow(); changed(); } }, 4000 + 4000 * Math.random());
    };
    streams.push(stream);
  }
}

function stop() {
  for (const stream of streams) stream.close();
  streams = [];
  clearInterval(polling);
}

// The list of days becomes a slider; the list stays what is sent.
function dress() {
  const list = document.getElementById("as_of");
  if (!list || list.length < 2) return;
  const days = [...list.options].reverse();
  const slider = Object.assign(document.createElement("input"), {
    type: "range", min: 0, max: days.length - 1, step: 1, id: "as_of_slider", value: days.indexOf(list.selectedOptions[0]),
  });
  const output = Object.assign(document.createElement("output"), { htmlFor: slider.id });
  const tell = () => {
    output.textContent = days[slider.value].text;
    slider.setAttribute("aria-valuetext", output.textContent);
  };
  slider.addEventListener("input", tell);
  slider.addEventListener("change", () => {
    list.value = days[slider.value].value;
    list.form.requestSubmit();
  });
  tell();
  list.form.querySelector("label").htmlFor = slider.id;
  list.form.querySelector("button").hidden = true;
  list.hidden = true;
  list.after(slider, output);
}

document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a[data-swap]");
  if (!link || event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  go(link.href);
});
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("form[data-swap]")) return;
  event.preventDefault();
  const url = new URL(form.action);
  url.search = new URLSearchParams([...new FormData(form)].filter(([, value]) => value));
  go(url.href);
});
addEventListener("popstate", () => {
  if (path !== location.pathname + location.search) go(location.href, false);
});
addEventListener("offline", gone);
addEventListener("online", changed);
addEventListener("pagehide", stop);
addEventListener("pageshow", (event) => { if (event.persisted) { follow(); changed(); } });
document.addEventListener("visibilitychange", () => { if (!document.hidden && !lost.hidden) changed(); });

follow();
dress();
