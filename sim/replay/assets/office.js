// One office on its canvas: who is where at a moment, and how everybody gets there.

const WALK = 0.13;       // seconds in which two thirds of a way are gone
const SERVER_FOOT = 21, DESK_TOP = 20, DESK_H = 12, APPLICANT_FOOT = 53;
const WITH_FACES = 0.55; // below this size people are dots

class OfficeView {
  constructor(office, canvas) {
    this.office = office;
    this.canvas = canvas;
    this.c = canvas.getContext("2d");
    this.point = { x: 0, y: 0, size: 1 };
    this.effects = [];
    this.queued = office.stages.map(() => 0);
    this.busy = new Int32Array(office.pools.length);
    this.duty = new Int32Array(office.pools.length);
    this.overtime = new Int32Array(office.pools.length);
    this.inBox = new Int32Array(1 - LATE);
    this.sizes = new Map();
  }

  use(day) {
    this.day = day;
    const n = day.cases;
    this.x = new Float32Array(n);
    this.y = new Float32Array(n);
    this.s = new Float32Array(n);
    this.there = new Uint8Array(n);
    this.target = { x: new Float32Array(n), y: new Float32Array(n), s: new Float32Array(n) };
    this.keys = this.office.stages.map(() => new Int32Array(n));
    this.servers = day.first_duty.length - 1;
    this.presence = new Float32Array(this.servers);
    this.gaveUpAt = this.office.stages.map((_, s) => day.gave_up_at.filter((_at, i) => day.gave_up_stage[i] === s));
    this.effects.length = 0;
  }

  // Sizes and everything that does not move.
  lay(shape, most, width, density, theme, words) {
    this.plan = planOf(this.office, shape, most);
    this.theme = theme;
    this.words = words;
    this.density = density;
    const scale = width / shape.width;
    this.scale = scale;
    this.canvas.style.width = `${width}px`;
    this.canvas.style.height = `${Math.round(shape.height * scale)}px`;
    this.canvas.width = Math.round(width * density);
    this.canvas.height = Math.round(shape.height * scale * density);
    this.figures = new Figures(theme, scale * density);
    this.colours = this.office.classes.map((name) => DATA.colours.classes[name]);
    this.sizes.clear();
    this.background = document.createElement("canvas");
    this.background.width = this.canvas.width;
    this.background.height = this.canvas.height;
    const c = this.background.getContext("2d");
    c.fillStyle = theme.page;
    c.fillRect(0, 0, this.background.width, this.background.height);
    c.scale(scale * density, scale * density);
    this.drawRooms(c);
  }

  text(c, text, x, y, w, size, colour, bold = false, align = "left") {
    const key = `${bold}${size}${w}${text}`;
    let fits = this.sizes.get(key);
    if (fits === undefined) {
      c.font = `${bold ? 600 : 400} ${size}px ${FONT}`;
      fits = Math.max(8, Math.min(size, (size * w) / Math.max(1, c.measureText(text).width)));
      if (this.sizes.size > 4000) this.sizes.clear();
      this.sizes.set(key, fits);
    }
    c.font = `${bold ? 600 : 400} ${fits}px ${FONT}`;
    c.fillStyle = colour;
    c.textAlign = align;
    c.fillText(text, x, y);
  }

  drawRooms(c) {
    const { theme, plan, words } = this, { own, hall, out } = plan.shape;
    c.textBaseline = "alphabetic";
    this.text(c, words.own, own.x + 2, own.y + 15, own.w - 4, 14, theme.ink, true);
    this.text(c, words.out, out.x + 2, out.y + 15, out.w - 4, 14, theme.ink, true);
    roundedBox(c, ...hall, 10);
    c.fillStyle = theme.hall;
    c.fill();
    this.text(c, words.hall, hall[0] + 12, hall[1] + 19, 200, 14, theme.ink, true);
    for (const box of Object.values(plan.boxes)) {
      if (box.hidden) continue;
      roundedBox(c, box.x + 0.5, box.y + 0.5, box.w - 1, box.h - 1, 8);
      c.fillStyle = theme.pale;
      c.fill();
    }
    for (const room of Object.values(plan.rooms)) {
      roundedBox(c, room.x + 0.5, room.y + 0.5, room.w - 1, room.h - 1, 8);
      c.fillStyle = theme.room;
      c.fill();
      c.strokeStyle = theme.line;
      c.lineWidth = 1;
      c.stroke();
    }
  }

  // Move every case to where it is at t, by a part of its way, or at once.
  step(t, seconds, atOnce) {
    const { day, plan, point, target } = this, stages = this.office.stages.length;
    this.queued.fill(0);
    this.inBox.fill(0);
    for (let i = 0; i < day.cases; i++) {
      let m = day.at[i];
      const first = day.first_move[i], stop = day.first_move[i + 1];
      if (atOnce) m = upTo(day.move_at, t, first, stop) - 1;
      else {
        if (m < first) m = first - 1;
        while (m + 1 < stop && day.move_at[m + 1] <= t) m++;
        while (m >= first && day.move_at[m] > t) m--;
      }
      day.at[i] = m < first ? -1 : m;
      if (m < first) { this.there[i] = 0; continue; }
      const place = day.move_to[m];
      if (place >= 0 && place < stages) {
        this.keys[place][this.queued[place]++] = day.rank[m];
        continue;
      }
      if (place < 0) this.inBox[-place]++;
      if (place >= SEAT) {
        const seat = plan.seats.get(place - SEAT);
        point.x = seat.x;
        point.y = seat.y + APPLICANT_FOOT * seat.size;
        point.size = seat.size;
      } else if (place === LEFT) {
        point.x = plan.exit.x;
        point.y = plan.exit.y;
        point.size = 0.7;
      } else spotIn(plan.boxes[place], day.slot[m], point);
      target.x[i] = point.x;
      target.y[i] = point.y;
      target.s[i] = point.size;
    }
    for (let s = 0; s < stages; s++) {
      const keys = this.keys[s].subarray(0, this.queued[s]).sort();
      for (let k = 0; k < keys.length; k++) {
        const i = day.caseOfRank[keys[k]];
        standingIn(plan.rooms[s].queue, k, point);
        target.x[i] = point.x;
        target.y[i] = point.y;
        target.s[i] = point.size;
      }
    }
    const part = atOnce ? 1 : 1 - Math.exp(-seconds / WALK);
    let moving = false;
    for (let i = 0; i < day.cases; i++) {
      if (day.at[i] < 0) continue;
      if (!this.there[i]) {
        this.there[i] = 1;
        this.x[i] = atOnce ? target.x[i] : plan.door.x;
        this.y[i] = atOnce ? target.y[i] : plan.door.y;
        this.s[i] = target.s[i];
      }
      const dx = target.x[i] - this.x[i], dy = target.y[i] - this.y[i];
      this.x[i] += dx * part;
      this.y[i] += dy * part;
      this.s[i] += (target.s[i] - this.s[i]) * part;
      if (dx * dx + dy * dy > 0.3) moving = true;
    }
    return this.stepServers(t, part, atOnce) || moving;
  }

  stepServers(t, part, atOnce) {
    const { day, office } = this;
    let moving = false;
    office.pools.forEach((pool, p) => {
      this.busy[p] = this.duty[p] = this.overtime[p] = 0;
      for (const server of office.serversByPool[p]) {
        const on = day.onDuty(server, t), busy = day.busyWith(server, t) >= 0;
        this.duty[p] += on ? 1 : 0;
        this.busy[p] += on && busy ? 1 : 0;
        this.overtime[p] += !on && busy ? 1 : 0;
        const wanted = on || busy ? 1 : 0, left = wanted - this.presence[server];
        this.presence[server] = atOnce || Math.abs(left) < 0.02 ? wanted : this.presence[server] + left * part * 0.6;
        if (this.presence[server] !== wanted) moving = true;
      }
    });
    return moving;
  }

  // Whoever has given up between two moments is marked for a second.
  notice(before, t) {
    const { day } = this;
    const from = upTo(day.gave_up_at, before), to = upTo(day.gave_up_at, t);
    for (let k = Math.max(from, to - 20); k < to; k++) {
      const i = day.gave_up_case[k];
      if (this.there[i]) this.effects.push({ x: this.x[i], y: this.y[i] - 8, age: 0 });
    }
    if (this.effects.length > 40) this.effects.splice(0, this.effects.length - 40);
  }

  draw(t, seconds) {
    const { c, plan, density, scale } = this;
    c.setTransform(1, 0, 0, 1, 0, 0);
    c.drawImage(this.background, 0, 0);
    c.setTransform(scale * density, 0, 0, scale * density, 0, 0);
    c.textBaseline = "alphabetic";
    for (const stage of Object.keys(plan.rooms)) this.drawRoom(plan.rooms[stage], Number(stage), t);
    for (const [server, seat] of plan.seats) this.drawSeat(server, seat, t);
    this.drawCases();
    for (const box of Object.values(plan.boxes)) if (!box.hidden) this.drawBox(box);
    this.drawLeft();
    this.drawEffects(seconds);
  }

  drawRoom(room, stage, t) {
    const { c, theme, words, day } = this, pool = this.office.pool_of[stage];
    const open = day.within(day.open[stage], t), broken = day.within(day.broken[stage], t);
    const x = room.x + 8, w = room.w - 16;
    const sign = broken ? words.broken : open ? "" : words.closed;
    if (sign) {
      this.text(c, sign, room.x + room.w - 8, room.y + 34, w * 0.42, 12, broken ? theme.alarm : theme.grey, true, "right");
    }
    const title = words[`stage ${room.name}`];
    this.text(c, title[0].toUpperCase() + title.slice(1), x, room.y + 18, w, 14, theme.ink, true);
    let staff = this.duty[pool] ? fill(words.staff, { busy: this.busy[pool], duty: this.duty[pool] }) : words.nobody;
    if (this.overtime[pool]) staff += fill(words.overtime, { overtime: this.overtime[pool] });
    this.text(c, staff, x, room.y + 34, sign ? w * 0.56 : w, 12, theme.grey);
    const waiting = this.queued[stage], lost = upTo(this.gaveUpAt[stage], t);
    const half = lost ? w * 0.52 : w;
    this.text(c, fill(words.room, { waiting }), x, room.y + 50, half, 12, waiting ? theme.ink : theme.grey, waiting > 0);
    if (lost) {
      this.text(c, `✕ ${fill(words.lost, { number: lost })}`, room.x + room.w - 8, room.y + 50, w * 0.46, 12, theme.alarm,
        false, "right");
    }
    const more = waiting - room.queue.room;
    if (more > 0) {
      this.text(c, fill(words.more, { number: more }), room.x + room.w - 8, room.y + room.h - 6, w, 12, theme.ink, true, "right");
    }
    if (broken) {
      roundedBox(c, room.x + 1.5, room.y + 1.5, room.w - 3, room.h - 3, 7);
      c.strokeStyle = theme.alarm;
      c.lineWidth = 3;
      c.setLineDash([8, 5]);
      c.stroke();
      c.setLineDash([]);
    }
  }

  drawSeat(server, seat, t) {
    const { c, theme, day, office } = this, pool = office.pools[seat.pool], own = office.stages.indexOf(pool.stage);
    const on = day.onDuty(server, t), doing = day.busyWith(server, t), stays = doing >= STAYS;
    const presence = this.presence[server], s = seat.size;
    const vest = pool.name === "assistants" ? DATA.colours.vest : theme.server;
    if (presence > 0.02) {
      const picture = this.figures.of(vest, false, s);
      c.globalAlpha = presence;
      this.put(picture, seat.x, seat.y + (SERVER_FOOT - 12 * (1 - presence)) * s);
      c.globalAlpha = 1;
    }
    const fillColour = doing < 0 || stays ? theme.desk : on ? theme.server : DATA.colours.amber;
    this.drawDesk(c, seat.x, seat.y + DESK_TOP * s, s, fillColour, on || doing >= 0, stays);
    if (doing >= 0 && !stays && doing !== own) {
      const name = this.words[`helps ${office.stages[doing]}`] || "";
      this.text(c, name, seat.x, seat.y + (DESK_TOP + DESK_H - 2.8) * s, 30 * s, 9.5 * s, theme.room, true, "center");
    }
  }

  drawDesk(c, x, y, s, colour, manned, stays) {
    const { theme } = this, w = 32 * s, h = DESK_H * s;
    roundedBox(c, x - w / 2, y, w, h, 3 * s);
    c.fillStyle = colour;
    c.fill();
    c.lineWidth = 1.2;
    c.strokeStyle = manned ? theme.server : theme.grey;
    if (!manned) c.setLineDash([3, 3]);
    c.stroke();
    c.setLineDash([]);
    if (stays) {
      c.beginPath();
      for (let k = -1; k <= 1; k++) {
        c.moveTo(x + (k * 9 - 3) * s, y + h - 2 * s);
        c.lineTo(x + (k * 9 + 3) * s, y + 2 * s);
      }
      c.lineWidth = 1.6 * s;
      c.stroke();
    }
  }

  put(picture, x, y) {
    this.c.drawImage(picture, x - picture.shownW / 2, y - picture.foot, picture.shownW, picture.shownH);
  }

  drawCases() {
    const { c, day, office } = this;
    for (let i = 0; i < day.cases; i++) {
      const m = day.at[i];
      if (m < 0) continue;
      const place = day.move_to[m];
      if (place === LEFT && Math.abs(this.x[i] - this.plan.exit.x) + Math.abs(this.y[i] - this.plan.exit.y) < 6) continue;
      const k = day.case_class[i];
      if (this.s[i] < WITH_FACES) {
        c.beginPath();
        c.arc(this.x[i], this.y[i] - 5 * this.s[i], Math.max(1.4, 5.5 * this.s[i]), 0, 2 * Math.PI);
        c.fillStyle = this.colours[k];
        c.fill();
      } else this.put(this.figures.of(this.colours[k], office.classes[k] === "key", this.s[i]), this.x[i], this.y[i]);
    }
  }

  drawBox(box) {
    const { c, theme, words } = this, { kind, minutes } = this.office.target;
    const names = { [FORM]: words.form, [CALLS]: words.calls, [WAY]: words.way, [CORRECTING]: words.correcting,
      [FETCHING]: words.fetching, [LICENSED]: kind === "other" ? words.licences : fill(words.within, { minutes }),
      [LATE]: fill(words.longer, { minutes }), [DONE]: words.done };
    const number = this.inBox[-box.place];
    this.text(c, names[box.place], box.x + 8, box.y + 17, box.w - 52, 12.5, theme.ink);
    this.text(c, String(number), box.x + box.w - 8, box.y + 17, 40, 13, theme.ink, true, "right");
  }

  drawLeft() {
    const { c, theme, words, plan } = this, [x, y, w, h] = plan.shape.out.left;
    this.text(c, words.left, x + 8, y + h / 2 + 5, w - 52, 12.5, theme.grey);
    this.text(c, String(this.inBox[-LEFT]), x + w - 8, y + h / 2 + 5, 40, 13, theme.grey, true, "right");
  }

  drawEffects(seconds) {
    const { c, theme } = this;
    for (const effect of this.effects) {
      effect.age += seconds;
      const y = effect.y - 22 * effect.age;
      c.globalAlpha = Math.max(0, 1 - effect.age / 1.1);
      c.strokeStyle = theme.alarm;
      c.lineWidth = 3;
      c.beginPath();
      c.moveTo(effect.x - 5, y - 5);
      c.lineTo(effect.x + 5, y + 5);
      c.moveTo(effect.x + 5, y - 5);
      c.lineTo(effect.x - 5, y + 5);
      c.stroke();
    }
    c.globalAlpha = 1;
    this.effects = this.effects.filter((effect) => effect.age < 1.1);
  }

  // Who is at a point of the canvas, in words; null if nobody.
  whoIsAt(px, py) {
    const { day, words, office } = this, x = px / this.scale, y = py / this.scale;
    let best = 81, found = -1;
    for (let i = 0; i < day.cases; i++) {
      if (day.at[i] < 0 || day.move_to[day.at[i]] === LEFT) continue;
      const far = (this.x[i] - x) ** 2 + (this.y[i] - 8 * this.s[i] - y) ** 2;
      if (far < best) { best = far; found = i; }
    }
    if (found < 0) return null;
    const m = day.at[found], place = day.move_to[m];
    const own = { [FORM]: words.form, [CALLS]: words.calls, [WAY]: words.way, [CORRECTING]: words.correcting,
      [FETCHING]: words.fetching, [MACHINE]: words.machine, [LICENSED]: words.out, [LATE]: words.out, [DONE]: words.done };
    let what = own[place];
    if (place >= 0 && place < SEAT) what = fill(words["is waiting"], { stage: words[`stage ${office.stages[place]}`] });
    if (place >= SEAT) {
      const doing = day.busyWith(place - SEAT, day.move_at[m]) % STAYS;
      what = fill(words["is served"], { stage: words[`stage ${office.stages[Math.max(0, doing)]}`] });
    }
    const time = day.move_at[m] > 0 ? clockOf(day.move_at[m]) : words.earlier;
    return fill(words.since, { who: words[`class ${office.classes[day.case_class[found]]}`], what, time });
  }
}
