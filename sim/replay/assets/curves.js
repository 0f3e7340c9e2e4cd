// The day under the scrub bar: how many wait, and the licence times, on an axis on which nights are short.

const QUIET = 8;   // nights pass so many times as fast

// Moments of a day to parts of the width and back; [from, to] are the hours in which something happens.
class Axis {
  constructor(from, to) {
    const night = (from + MIDNIGHT - to) / QUIET, all = night + to - from;
    this.knots = [0, from, to, MIDNIGHT];
    this.parts = [0, from / QUIET / all, (from / QUIET + to - from) / all, 1];
    this.from = from;
    this.to = to;
  }

  part(t) { return this.between(this.knots, this.parts, t); }

  moment(part) { return this.between(this.parts, this.knots, part); }

  quiet(t) { return t < this.from || t >= this.to; }

  between(from, to, x) {
    let k = 0;
    while (k < 2 && x >= from[k + 1]) k++;
    const length = from[k + 1] - from[k];
    return length > 0 ? to[k] + ((x - from[k]) / length) * (to[k + 1] - to[k]) : to[k];
  }
}

class Curves {
  constructor(canvas) {
    this.canvas = canvas;
    this.c = canvas.getContext("2d");
  }

  lay(days, axis, width, density, theme, words, limits) {
    Object.assign(this, { days, axis, width, density, theme, words, limits });
    this.height = 112;
    this.canvas.style.width = `${width}px`;
    this.canvas.style.height = `${this.height}px`;
    this.canvas.width = Math.round(width * density);
    this.canvas.height = Math.round(this.height * density);
    this.still = document.createElement("canvas");
    this.still.width = this.canvas.width;
    this.still.height = this.canvas.height;
    const c = this.still.getContext("2d");
    c.scale(density, density);
    this.drawStill(c);
  }

  x(t) { return this.axis.part(t) * this.width; }

  drawStill(c) {
    const { theme, width, axis, words } = this;
    const waiting = [10, 44], licence = [52, 96];
    c.font = `11px ${FONT}`;
    c.fillStyle = theme.pale;
    c.fillRect(0, 0, this.x(axis.from), 98);
    c.fillRect(this.x(axis.to), 0, width, 98);
    for (let hour = 0; hour <= 24; hour++) {
      const t = hour * 36000, night = t < axis.from || t > axis.to;
      if (night && hour !== 0 && hour !== 24) continue;
      c.fillStyle = theme.line;
      c.fillRect(Math.min(this.x(t), width - 1), 0, 1, 98);
      if (this.x(36000 * 13) - this.x(36000 * 12) < 38 && hour % 2) continue;
      c.fillStyle = theme.grey;
      c.textAlign = hour === 0 ? "left" : hour === 24 ? "right" : "center";
      if (hour === 0 && this.x(axis.from) < 30 || hour === 24 && width - this.x(axis.to) < 30) continue;
      c.fillText(`${String(hour).padStart(2, "0")}:00`, this.x(t), 110);
    }
    const most = Math.max(1, ...this.days.map((day) => day.mostWaiting));
    const longest = this.scaleOfLicences();
    this.days.forEach((day, k) => this.drawWaiting(c, day, k, waiting, most));
    this.days.forEach((day, k) => this.drawLicences(c, day, k, licence, longest));
    this.label(c, `${words["spark waiting"]} (0–${most})`, 12);
    this.label(c, `${words["spark licence"]} (0–${longest}${this.beyond ? "+" : ""})`, 61);
  }

  label(c, text, y) {
    const w = c.measureText(text).width, x = this.x(this.axis.from) + 5;
    c.globalAlpha = 0.8;
    c.fillStyle = this.theme.page;
    c.fillRect(x - 2, y - 10, w + 4, 13);
    c.globalAlpha = 1;
    c.fillStyle = this.theme.grey;
    c.textAlign = "left";
    c.fillText(text, x, y);
  }

  scaleOfLicences() {
    const all = this.days.flatMap((day) => [...day.issued_minutes]).sort((a, b) => a - b);
    const high = all.length ? all[Math.floor(0.95 * (all.length - 1))] : 0;
    const limits = this.limits.filter(Number.isFinite), limit = Math.max(...limits);
    const longest = Math.max(1, Math.ceil(limits.length ? Math.min(4 * limit, Math.max(2 * limit, high)) : high));
    // What is longer stands at the top.
    this.beyond = all.length > 0 && all[all.length - 1] > longest;
    return longest;
  }

  colourOf(k) { return k ? this.theme.alarm : this.theme.first; }

  drawWaiting(c, day, k, [top, bottom], most) {
    const y = (n) => bottom - (n / most) * (bottom - top);
    c.beginPath();
    c.moveTo(0, y(0));
    let last = 0;
    for (let i = 0; i < day.stepAt.length; i++) {
      const x = this.x(day.stepAt[i]);
      c.lineTo(x, y(last));
      last = day.stepWaiting[i];
      c.lineTo(x, y(last));
    }
    c.lineTo(this.width, y(last));
    c.strokeStyle = this.colourOf(k);
    c.lineWidth = 1.3;
    if (k) c.setLineDash([5, 2]);
    c.stroke();
    c.setLineDash([]);
    if (this.days.length === 1) {
      c.lineTo(this.width, y(0));
      c.lineTo(0, y(0));
      c.globalAlpha = 0.18;
      c.fillStyle = this.colourOf(k);
      c.fill();
      c.globalAlpha = 1;
    }
  }

  drawLicences(c, day, k, [top, bottom], longest) {
    const y = (minutes) => bottom - (Math.min(minutes, longest) / longest) * (bottom - top);
    if (Number.isFinite(this.limits[k])) {
      const limit = y(this.limits[k]);
      c.strokeStyle = this.theme.ink;
      c.lineWidth = 1;
      c.setLineDash([4, 3]);
      c.beginPath();
      c.moveTo(0, limit);
      c.lineTo(this.width, limit);
      c.stroke();
      c.setLineDash([]);
    }
    c.fillStyle = this.colourOf(k);
    c.globalAlpha = 0.5;
    for (let i = 0; i < day.issued_at.length; i++) {
      c.fillRect(this.x(day.issued_at[i]) - 1, y(day.issued_minutes[i]) - 1, 2.4, 2.4);
    }
    c.globalAlpha = 1;
    c.beginPath();
    for (let i = 0; i < day.issued_at.length; i++) c.lineTo(this.x(day.issued_at[i]), y(day.meanSoFar[i]));
    if (day.issued_at.length) c.lineTo(this.width, y(day.meanSoFar[day.issued_at.length - 1]));
    c.strokeStyle = this.colourOf(k);
    c.lineWidth = 1.8;
    if (k) c.setLineDash([5, 2]);
    c.stroke();
    c.setLineDash([]);
  }

  draw(t) {
    const { c, density, theme } = this, x = this.x(t);
    c.setTransform(1, 0, 0, 1, 0, 0);
    c.fillStyle = theme.page;
    c.fillRect(0, 0, this.canvas.width, this.canvas.height);
    c.drawImage(this.still, 0, 0);
    c.setTransform(density, 0, 0, density, 0, 0);
    c.fillStyle = theme.page;
    c.globalAlpha = 0.55;
    c.fillRect(x, 0, this.width - x, 98);
    c.globalAlpha = 1;
    c.fillStyle = theme.ink;
    c.fillRect(Math.max(0, Math.min(this.width - 2, x - 1)), 0, 2, 98);
  }
}
