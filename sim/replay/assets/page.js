// The page: clock, controls, counters, both languages.

const NOTHING = "–";
const SPEEDS = [1, 10, 30, 60, 120, 300, 600];
const byId = (id) => document.getElementById(id);
const state = { day: 0, t: 0, playing: false, speed: 600, language: DATA.language, theme: "light", printing: false };
const still = matchMedia("(prefers-reduced-motion: reduce)"), dark = matchMedia("(prefers-color-scheme: dark)");
const curves = new Curves(byId("curves"));
let words = DATA.words[state.language], axis = null, views = [], asked = 0, last = 0;
let frames = 0;

function fill(text, values) {
  return text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? values[name] : whole));
}

// Text only, whatever is in it; the page is touched only where it changes.
function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

function make(parent, tag, className = "", text = "") {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text) element.textContent = text;
  return parent.appendChild(element);
}

function dateInWords(iso, short = false) {
  const [year, month, day] = iso.split("-").map(Number);
  const weekday = words.weekdays.split(" ")[(new Date(Date.UTC(year, month - 1, day)).getUTCDay() + 6) % 7];
  const values = { year, month: words.months.split(" ")[month - 1], day, weekday };
  if (short) return state.language === "zh" ? `${weekday} ${month}/${day}` : `${weekday} ${day} ${values.month}`;
  return fill(words.date, values);
}

const two = (x) => x.toFixed(2);
const signed = (x, digits = 0) => {
  const text = Math.abs(x).toFixed(digits);
  return Number(text) === 0 ? text : (x < 0 ? "−" : "+") + text;
};
// Never 100% or 0% for what is only nearly so.
const shareText = (part, all) => {
  const percent = Math.round((100 * part) / all);
  return percent === 100 && part < all ? ">99%" : percent === 0 && part > 0 ? "<1%" : `${percent}%`;
};
const minutesText = (minutes) => String(Math.round(minutes * 100) / 100);

// Building the page, once.

function counter(parent, name, key, value = {}) {
  const box = make(parent, "div", `counter ${name}`);
  const label = make(box, "dt");
  return { box, label, key, value, number: make(box, "dd") };
}

function buildOffices() {
  OFFICES.forEach((office, k) => {
    const section = make(byId("offices"), "section", "office");
    const title = make(section, "h2");
    const list = make(OFFICES.length > 1 ? section : byId("now"), "dl", "counters");
    const shown = {
      licences: counter(list, "licences", "licences"),
      waiting: counter(list, "waiting", "waiting"),
      mean: counter(list, "mean", "mean"),
      within: counter(list, "within", "within", { minutes: minutesText(office.target.minutes) }),
      gaveUp: counter(list, "gave-up", "gave up"),
    };
    buildAgainst(shown, office.target);
    const canvas = make(section, "canvas", "plan");
    canvas.setAttribute("role", "img");
    const view = new OfficeView(office, canvas);
    Object.assign(view, { section, title, shown, letter: "AB"[k] });
    canvas.addEventListener("mousemove", (event) => showTip(view, event));
    canvas.addEventListener("mouseleave", () => { byId("tip").hidden = true; });
    views.push(view);
  });
  if (views.length === 2) {
    views.differenceTitle = make(byId("now"), "p");
    const list = make(byId("now"), "dl", "counters");
    views.difference = { licences: counter(list, "licences", "licences"), waiting: counter(list, "waiting", "waiting"),
      mean: counter(list, "mean", "mean"), gaveUp: counter(list, "gave-up", "gave up") };
    byId("now").className = "difference";
  }
  SPEEDS.forEach((speed) => { make(byId("speed"), "option").value = speed; });
  if (DAYS.length > 1) {
    DAYS.forEach((_, number) => {
      make(byId("days"), "button").type = "button";
      byId("days").lastChild.addEventListener("click", () => toDay(number));
    });
  } else byId("days").hidden = byId("week").hidden = true;
}

// Beside the figure that the target is about: how far it is from it.
function buildAgainst(shown, target) {
  shown.within.box.hidden = target.kind === "other";
  shown.judged = target.kind === "share" ? shown.within : shown.mean;
  shown.judged.box.classList.add("judged");
  const against = make(shown.judged.box, "dd", "against"), track = make(against, "span", "track");
  track.hidden = target.kind === "other";
  shown.bar = make(track, "span", "bar");
  const tick = make(track, "span", "tick");
  if (target.kind === "share") tick.style.left = `${100 * target.level}%`;
  shown.against = make(against, "span", "verdict");
}

function showTip(view, event) {
  const box = view.canvas.getBoundingClientRect(), tip = byId("tip");
  const text = view.whoIsAt(event.clientX - box.left, event.clientY - box.top);
  tip.hidden = !text;
  if (!text) return;
  say(tip, text);
  tip.style.left = `${Math.min(event.clientX + 14, innerWidth - tip.offsetWidth - 8)}px`;
  tip.style.top = `${event.clientY + 16}px`;
}

// Everything that depends on language, theme, day or size.

function lay() {
  words = DATA.words[state.language];
  document.documentElement.lang = state.language === "zh" ? "zh-CN" : "en";
  const theme = THEMES[state.printing ? "paper" : state.theme];
  document.documentElement.dataset.theme = state.printing ? "light" : state.theme;
  const single = OFFICES.length === 1, heading = DAYS.length > 1 ? words["week heading"] : words["day heading"];
  say(byId("heading"), single ? OFFICES[0].title[state.language] : words["two heading"]);
  byId("heading").title = byId("heading").textContent;
  say(byId("date"), single ? `${heading} · ${dateInWords(DAYS[state.day])}` : dateInWords(DAYS[state.day]));
  document.title = `${OFFICES.map((office) => office.title[state.language]).join(" | ")}: ${dateInWords(DAYS[state.day])}`;
  say(byId("language"), state.language === "zh" ? "English" : "中文");
  byId("language").lang = state.language === "zh" ? "en" : "zh-CN";
  say(byId("theme"), state.theme === "dark" ? words.light : words.dark);
  for (const [id, key] of [["start", "start"], ["scrub", "scrub"]]) byId(id).setAttribute("aria-label", words[key]);
  byId("start").title = words.start;
  byId("days").setAttribute("aria-label", words.day);
  say(byId("speed-label"), words.speed);
  [...byId("speed").options].forEach((option) => say(option, fill(words.times, { speed: option.value })));
  byId("speed").value = state.speed;
  say(byId("note"), words["spark note"] + (OFFICES.some((one) => Number.isFinite(one.limit)) ? words["spark target"] : ""));
  say(byId("keys"), words.keys);
  say(byId("midday"), words.midday);
  say(byId("source"), words.source);
  say(byId("table-title"), words.table);
  [...byId("days").children].forEach((button, number) => {
    say(button, dateInWords(DAYS[number], true));
    button.setAttribute("aria-pressed", String(number === state.day));
  });
  for (const view of views) {
    view.title.replaceChildren();
    make(view.title, "span", `letter ${view.letter}`, view.letter);
    view.title.append(view.office.title[state.language]);
    view.title.hidden = single;
    for (const shown of Object.values(view.shown)) if (shown.label) say(shown.label, fill(words[shown.key], shown.value));
  }
  for (const shown of Object.values(views.difference || {})) say(shown.label, words[shown.key]);
  if (views.difference) say(views.differenceTitle, words.difference);
  saySubmitted();
  drawLegend(theme);
  buildTables();
  layCanvases(theme);
  show();
}

function layCanvases(theme) {
  const days = OFFICES.map((office) => office.day(state.day)), all = OFFICES.flatMap((office) => DAYS.map((_, d) => office.day(d)));
  const most = { longest: {}, spots: {} };
  for (const day of all) {
    day.longest.forEach((n, stage) => {
      const name = day.office.stages[stage];
      most.longest[name] = Math.max(most.longest[name] || 0, n);
    });
    for (const [place, n] of Object.entries(day.spots)) most.spots[place] = Math.max(most.spots[place] || 0, n);
  }
  const hours = all.map((day) => day.hours());
  axis = new Axis(Math.min(...hours.map(([from]) => from)), Math.max(...hours.map(([, to]) => to)));
  const density = state.printing ? 2 : Math.min(3, devicePixelRatio || 1);
  const room = state.printing ? 1040 : document.documentElement.clientWidth - 32;
  const beside = views.length === 2 && (room > 900 || state.printing);
  const width = beside ? (room - 20) / 2 : room, narrow = width < 520 && !beside && !state.printing;
  const used = [...new Set(views.flatMap((view) => view.office.rooms))];
  const shape = withStages(narrow ? NARROW : beside || width < 720 || views.length === 2 ? TALL : WIDE, used, most.spots);
  byId("offices").className = beside ? "beside" : "";
  // What has to be seen together: down to the note on the curves.
  const others = byId("note").getBoundingClientRect().bottom + scrollY - byId("offices").offsetHeight
    + (beside ? views[0].section.offsetHeight - views[0].canvas.offsetHeight : 0) + 8;
  const high = narrow ? Infinity : state.printing ? (beside ? 310 : 400) : Math.max(shape.height * 0.75, innerHeight - others);
  const shownWidth = Math.max(40, Math.floor(Math.min(width, (high / shape.height) * shape.width, shape.width * 1.6)));
  for (const view of views) {
    if (view.day !== view.office.day(state.day)) view.use(view.office.day(state.day));
    view.lay(shape, most, shownWidth, density, theme, words);
    view.step(state.t, 0, true);
  }
  const limits = OFFICES.map((office) => office.limit);
  curves.lay(days, axis, state.printing ? room : byId("scrub").parentNode.clientWidth, density, theme, words, limits);
}

function saySubmitted() {
  const lines = OFFICES.map((office, k) => {
    const { submitted, submitted_mean: mean } = office.rawDays[state.day].totals;
    const text = fill(words.submitted, { submitted, mean: mean === null ? NOTHING : two(mean) });
    return OFFICES.length > 1 ? `${"AB"[k]}: ${text}` : text;
  });
  say(byId("submitted"), lines.join("  "));
}

function drawLegend(theme) {
  const list = byId("legend"), density = Math.min(3, devicePixelRatio || 1), pen = { theme };
  list.replaceChildren();
  list.setAttribute("aria-label", words.legend);
  const desk = (colour, manned, stays) => (c) => OfficeView.prototype.drawDesk.call(pen, c, 15, 5, 0.75, colour, manned, stays);
  const person = (colour, marked) => (c) => { c.translate(15, 18); drawFigure(c, colour, theme.room, marked); };
  const items = Object.entries(DATA.colours.classes).map(([name, colour]) => [words[`class ${name}`], person(colour, name === "key")]);
  items.push(
    ...(OFFICES.some((office) => office.rooms.includes("filing")) ? [[words["pool assistants"], person(DATA.colours.vest, false)]] : []),
    [words.free, desk(theme.desk, true, false)], [words.busy, desk(theme.server, true, false)],
    [words.helping, (c) => {
      desk(theme.server, true, false)(c);
      Object.assign(c, { font: `600 7px ${FONT}`, fillStyle: theme.room, textAlign: "center" });
      c.fillText(words["helps review"], 15, 12, 22);
    }],
    [words.stays, desk(theme.desk, true, true)], [words.late, desk(DATA.colours.amber, true, false)],
    [words.off, desk(theme.desk, false, false)],
    [words["gives up"], (c) => { c.strokeStyle = theme.alarm; c.lineWidth = 3; c.beginPath(); c.moveTo(10, 5); c.lineTo(20, 15);
      c.moveTo(20, 5); c.lineTo(10, 15); c.stroke(); }],
  );
  for (const [text, draw] of items) {
    const item = make(list, "li"), canvas = make(item, "canvas");
    canvas.width = 30 * density;
    canvas.height = 20 * density;
    const c = canvas.getContext("2d");
    c.scale(density, density);
    draw(c);
    item.append(text);
  }
}

function buildTables() {
  byId("tables").replaceChildren();
  for (const view of views) {
    const table = make(byId("tables"), "table");
    make(table, "caption", "", view.office.title[state.language]);
    const head = make(make(table, "thead"), "tr"), body = make(table, "tbody");
    for (const key of ["stage", "waiting", "busy", "duty", "gave up"]) make(head, "th", "", words[`column ${key}`]).scope = "col";
    view.cells = view.office.stages.map((name) => {
      const row = make(body, "tr");
      row.hidden = !view.office.rooms.includes(name);
      make(row, "th", "", words[`stage ${name}`]).scope = "row";
      return [0, 1, 2, 3].map(() => make(row, "td"));
    });
  }
}

// A moment.

function showCounters() {
  const now = views.map((view) => view.day.counters(state.t));
  views.forEach((view, k) => {
    const { shown, office } = view, { licences, waiting, mean, within, gaveUp } = now[k];
    say(shown.licences.number, String(licences));
    say(shown.waiting.number, String(waiting));
    say(shown.gaveUp.number, String(gaveUp));
    say(shown.within.number, licences ? shareText(within, licences) : NOTHING);
    say(shown.mean.number, licences ? fill(words.minutes, { value: two(mean) }) : NOTHING);
    showAgainst(shown, office.target, licences, mean, within);
  });
  const shown = views.difference;
  if (!shown) return;
  const [a, b] = now, both = a.licences && b.licences;
  say(shown.licences.number, signed(b.licences - a.licences));
  say(shown.waiting.number, signed(b.waiting - a.waiting));
  say(shown.gaveUp.number, signed(b.gaveUp - a.gaveUp));
  say(shown.mean.number, both ? fill(words.minutes, { value: signed(b.mean - a.mean, 2) }) : NOTHING);
}

function showAgainst(shown, target, licences, mean, within) {
  const { kind, minutes, level } = target, part = within / licences;
  if (kind === "other" || !licences) {
    say(shown.against, kind === "mean" ? fill(words.target, { minutes: minutesText(minutes) }) : target.words[state.language]);
    shown.judged.box.dataset.kept = "";
    shown.bar.style.width = 0;
    return;
  }
  const kept = kind === "mean" ? !(mean > minutes) : part >= level;
  const values = kind === "mean" ? { value: two(Math.abs(mean - minutes)), minutes: minutesText(minutes) }
    : { value: two(100 * Math.abs(part - level)), level: minutesText(100 * level) };
  const key = kind === "mean" ? (kept ? "below" : "above") : kept ? "share kept" : "share missed";
  say(shown.against, fill(words[key], values));
  shown.judged.box.dataset.kept = String(kept);
  shown.bar.style.width = `${kind === "mean" ? Math.min(100, (50 * mean) / minutes) : 100 * part}%`;
}

function sayWeek() {
  if (DAYS.length === 1) return;
  say(byId("week"), views.map((view) => {
    let licences = 0, sum = 0;
    for (let d = 0; d <= state.day; d++) {
      const { licences: n, mean } = view.office.day(d).counters(d < state.day ? MIDNIGHT : state.t);
      licences += n;
      sum += n ? n * mean : 0;
    }
    const mean = licences ? two(sum / licences) : NOTHING;
    return (views.length > 1 ? `${view.letter}: ` : "") + fill(words["week so far"], { licences, mean });
  }).join(" · "));
}

function sayPicture(view) {
  const total = (of) => of.reduce((a, b) => a + b, 0), now = view.day.counters(state.t);
  view.canvas.setAttribute("aria-label", fill(words.picture, { office: view.office.title[state.language], time: clockOf(state.t),
    waiting: now.waiting, busy: total(view.busy), duty: total(view.duty), licences: now.licences }));
  view.cells.forEach((cells, stage) => {
    const pool = view.office.pool_of[stage];
    [view.queued[stage], view.busy[pool], view.duty[pool], upTo(view.gaveUpAt[stage], state.t)]
      .forEach((number, k) => say(cells[k], String(number)));
  });
}

let saidAt = 0;
function show(seconds = 0) {
  for (const view of views) view.draw(state.t, seconds);
  curves.draw(state.t);
  showCounters();
  say(byId("clock"), clockOf(Math.min(state.t, MIDNIGHT), state.speed < 60));
  const midday = OFFICES.some((one) => one.midday && state.t >= one.midday[0] * MINUTE && state.t < one.midday[1] * MINUTE);
  byId("midday").classList.toggle("now", midday);
  const scrub = byId("scrub");
  scrub.value = Math.round(axis.part(state.t) * 10000);
  say(byId("play"), state.playing ? `❚❚ ${words.pause}` : state.t >= MIDNIGHT ? `↻ ${words.again}` : `▶ ${words.play}`);
  const now = performance.now();
  if (state.playing && now - saidAt < 500) return;
  saidAt = now;
  scrub.setAttribute("aria-valuetext", clockOf(state.t));
  views.forEach(sayPicture);
  sayWeek();
}

function frame(now) {
  asked = 0;
  const seconds = Math.min(0.1, Math.max(0, (now - last) / 1000));
  last = now;
  const before = state.t;
  if (state.playing) {
    state.t += seconds * 10 * state.speed * (axis.quiet(state.t) ? QUIET : 1);
    if (state.t >= MIDNIGHT) dayEnds();
  }
  let moving = false;
  for (const view of views) {
    moving = view.step(state.t, seconds, still.matches) || moving;
    if (state.t > before) view.notice(before, state.t);
    moving = moving || view.effects.length > 0;
  }
  show(seconds);
  frames++;
  if (state.playing || moving) ask();
}

function ask() {
  if (!asked) asked = requestAnimationFrame(frame);
}

function dayEnds() {
  if (state.day + 1 < DAYS.length) {
    state.day++;
    state.t = axis.from;
    lay();
  } else {
    state.t = MIDNIGHT;
    state.playing = false;
  }
}
