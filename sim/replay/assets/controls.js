// Controls: what buttons, keys and the pointer do; and the beginning.

function seek(t) {
  state.t = Math.max(0, Math.min(MIDNIGHT, t));
  for (const view of views) {
    view.effects.length = 0;
    view.step(state.t, 0, true);
  }
  show();
}

function play() {
  if (state.t >= MIDNIGHT) {
    if (state.day > 0) toDay(0);
    seek(axis.from);
  }
  state.playing = true;
  last = performance.now();
  ask();
}

function pause() {
  state.playing = false;
  saidAt = 0;
  show();
}

function toDay(number) {
  state.day = number;
  lay();
  seek(axis.from);
}

function setSpeed(speed) {
  state.speed = speed;
  byId("speed").value = speed;
  show();
}

function pointAt(event) {
  const box = curves.canvas.getBoundingClientRect();
  seek(axis.moment(Math.max(0, Math.min(1, (event.clientX - box.left) / box.width))));
}

function onKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.tagName === "SELECT") return;
  const step = event.shiftKey ? 30 * MINUTE : 5 * MINUTE, speed = SPEEDS.indexOf(state.speed);
  const does = {
    " ": () => (state.playing ? pause() : play()),
    ArrowLeft: () => seek(state.t - step), ArrowRight: () => seek(state.t + step),
    Home: () => seek(axis.from), End: () => seek(MIDNIGHT),
    "+": () => setSpeed(SPEEDS[Math.min(SPEEDS.length - 1, speed + 1)]), "-": () => setSpeed(SPEEDS[Math.max(0, speed - 1)]),
  };
  does["="] = does["+"];
  const pressesButton = event.key === " " && ["BUTTON", "SUMMARY"].includes(event.target.tagName);
  if (!does[event.key] || pressesButton) return;
  event.preventDefault();
  does[event.key]();
}

function listen() {
  byId("play").addEventListener("click", () => (state.playing ? pause() : play()));
  byId("start").addEventListener("click", () => seek(axis.from));
  byId("speed").addEventListener("change", (event) => setSpeed(Number(event.target.value)));
  byId("scrub").addEventListener("input", (event) => seek(axis.moment(event.target.value / 10000)));
  byId("language").addEventListener("click", () => { state.language = state.language === "zh" ? "en" : "zh"; lay(); });
  byId("theme").addEventListener("click", () => { state.theme = state.theme === "dark" ? "light" : "dark"; lay(); });
  curves.canvas.addEventListener("pointerdown", (event) => { curves.canvas.setPointerCapture(event.pointerId); pointAt(event); });
  curves.canvas.addEventListener("pointermove", (event) => { if (event.buttons) pointAt(event); });
  addEventListener("keydown", onKey);
  addEventListener("resize", lay);
  addEventListener("beforeprint", () => { pause(); state.printing = true; lay(); });
  addEventListener("afterprint", () => { state.printing = false; lay(); });
  dark.addEventListener("change", () => { state.theme = dark.matches ? "dark" : "light"; lay(); });
}

state.theme = dark.matches ? "dark" : "light";
buildOffices();
lay();
lay();   // once more, now that everything around the offices has its height
listen();
seek(axis.from);
// A canvas does not wait for a font, nor is it drawn again when the font is there.
document.fonts.load('12px "Embedded Han"', "办").then((found) => { if (found.length) lay(); });
window.replay = {
  seek: (minutes) => seek(minutes * MINUTE), play, pause, toDay, setSpeed,
  now: () => ({ day: state.day, minutes: state.t / MINUTE, playing: state.playing, frames,
    counters: views.map((view) => view.day.counters(state.t)) }),
};
