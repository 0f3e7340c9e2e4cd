// The data of the page: columns become typed arrays, and what is looked up often is made once.

const DATA = JSON.parse(document.getElementById("data").textContent);
const SEAT = 1000, STAYS = 100, MIDNIGHT = 864000, MINUTE = 600;
// Places that are no queue and no seat.
const FORM = -6, CORRECTING = -5, CALLS = -4, WAY = -3, FETCHING = -2, MACHINE = -1;
const LICENSED = -9, DONE = -8, LEFT = -7, LATE = -10;
const OWN = [FORM, CALLS, WAY, CORRECTING, FETCHING, MACHINE];
const ARRAYS = { uint8: Uint8Array, int16: Int16Array, int32: Int32Array, float64: Float64Array };

function column(packed) {
  const text = atob(packed.bytes), bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return new ARRAYS[packed.type](bytes.buffer);
}

// Number of values that are not above x in a rising column.
function upTo(values, x, from = 0, to = values.length) {
  while (from < to) {
    const middle = (from + to) >> 1;
    if (values[middle] <= x) from = middle + 1; else to = middle;
  }
  return from;
}

class Day {
  constructor(raw, office) {
    this.date = raw.date;
    this.open = raw.open;
    this.broken = raw.broken;
    this.totals = raw.totals;
    this.office = office;
    for (const [name, value] of Object.entries(raw)) {
      if (value && value.bytes !== undefined) this[name] = column(value);
    }
    this.cases = this.case_class.length;
    this.at = new Int32Array(this.cases).fill(-1);   // the move that each case has made last; -1 = not there yet
    this.markLate();
    this.rankCase();
    this.sumUp();
    this.slots();
  }

  end(move, c) {
    return move + 1 < this.first_move[c + 1] ? this.move_at[move + 1] : MIDNIGHT + 1;
  }

  // Licences that took longer than the target go to a pile of their own.
  markLate() {
    for (let i = 0; i < this.issued_case.length; i++) {
      const last = this.first_move[this.issued_case[i] + 1] - 1;
      if (this.issued_minutes[i] > this.office.limit) this.move_to[last] = LATE;
    }
  }

  rankCase() {
    this.caseOfRank = new Int32Array(this.rank.reduce((a, b) => Math.max(a, b), 0) + 1);
    for (let c = 0; c < this.cases; c++) {
      for (let m = this.first_move[c]; m < this.first_move[c + 1]; m++) this.caseOfRank[this.rank[m]] = c;
    }
  }

  sumUp() {
    const n = this.issued_minutes.length;
    this.meanSoFar = new Float64Array(n);
    this.withinSoFar = new Int32Array(n);
    let sum = 0, within = 0;
    for (let i = 0; i < n; i++) {
      sum += this.issued_minutes[i];
      within += this.issued_minutes[i] <= this.office.limit ? 1 : 0;
      this.meanSoFar[i] = sum / (i + 1);
      this.withinSoFar[i] = within;
    }
    // How many wait, as steps; and the longest queue of each stage.
    const changes = [];
    for (let c = 0; c < this.cases; c++) {
      for (let m = this.first_move[c]; m < this.first_move[c + 1]; m++) {
        const place = this.move_to[m];
        if (place < 0 || place >= SEAT) continue;
        changes.push([this.move_at[m], 1, place], [this.end(m, c), -1, place]);
      }
    }
    changes.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
    const by = this.office.stages.map(() => 0);
    this.longest = by.slice();
    this.stepAt = new Int32Array(changes.length);
    this.stepWaiting = new Int32Array(changes.length);
    let waiting = 0;
    changes.forEach(([at, change, stage], i) => {
      waiting += change;
      by[stage] += change;
      this.longest[stage] = Math.max(this.longest[stage], by[stage]);
      this.stepAt[i] = at;
      this.stepWaiting[i] = waiting;
    });
    this.mostWaiting = this.stepWaiting.reduce((a, b) => Math.max(a, b), 0);
  }

  // In a box everybody keeps one spot: the first that is free when they come.
  slots() {
    this.slot = new Int32Array(this.move_to.length);
    this.spots = {};
    const moves = {};
    for (let c = 0; c < this.cases; c++) {
      for (let m = this.first_move[c]; m < this.first_move[c + 1]; m++) {
        if (this.move_to[m] < 0) (moves[this.move_to[m]] ||= []).push([this.move_at[m], this.end(m, c), m]);
      }
    }
    for (const [place, stays] of Object.entries(moves)) {
      stays.sort((a, b) => a[0] - b[0]);
      const freeAt = [];
      for (const [from, to, m] of stays) {
        let spot = place <= LEFT ? freeAt.length : freeAt.findIndex((free) => free <= from);
        if (spot < 0) spot = freeAt.length;
        freeAt[spot] = to;
        this.slot[m] = spot;
      }
      this.spots[place] = freeAt.length;
    }
  }

  // What the counters show at a moment.
  counters(t) {
    const issued = upTo(this.issued_at, t), step = upTo(this.stepAt, t);
    return {
      licences: issued,
      mean: issued ? this.meanSoFar[issued - 1] : NaN,
      within: issued ? this.withinSoFar[issued - 1] : 0,
      waiting: step ? this.stepWaiting[step - 1] : 0,
      gaveUp: upTo(this.gave_up_at, t),
    };
  }

  onDuty(server, t) {
    const from = this.first_duty[server], to = this.first_duty[server + 1];
    const row = upTo(this.duty_from, t, from, to) - 1;
    return row >= from && t < this.duty_to[row];
  }

  // The stage that a server is busy with (plus STAYS), or -1.
  busyWith(server, t) {
    const from = this.first_busy[server], to = this.first_busy[server + 1];
    const row = upTo(this.busy_from, t, from, to) - 1;
    return row >= from && t < this.busy_to[row] ? this.busy_stage[row] : -1;
  }

  everThere(server) {
    return this.first_duty[server] < this.first_duty[server + 1] || this.first_busy[server] < this.first_busy[server + 1];
  }

  within(spans, t) {
    return spans.some(([from, to]) => from <= t && t < to);
  }

  // From half an hour before the first stage opens until half an hour after the last closes, or the last server leaves.
  hours() {
    let from = MIDNIGHT, to = 0;
    for (const [a, b] of this.open.flat()) { from = Math.min(from, a); to = Math.max(to, b); }
    for (let i = 0; i < this.busy_to.length; i++) to = Math.max(to, this.busy_to[i]);
    for (let i = 0; i < this.duty_from.length; i++) from = Math.min(from, this.duty_from[i]);
    if (from >= to) return [0, MIDNIGHT];
    return [Math.max(0, from - 30 * MINUTE), Math.min(MIDNIGHT, Math.ceil((to + 20 * MINUTE) / (30 * MINUTE)) * 30 * MINUTE)];
  }
}

const OFFICES = DATA.offices.map((raw) => {
  // Of a target on another clock no licence is in time or late.
  const office = { ...raw, days: [], limit: raw.target.kind === "other" ? Infinity : raw.target.minutes };
  office.rawDays = raw.days;
  office.day = (number) => (office.days[number] ||= new Day(raw.days[number], office));
  return office;
});
const DAYS = DATA.offices[0].days.map((day) => day.date);

// Clock as HH:MM, or HH:MM:SS.
function clockOf(t, seconds = false) {
  const whole = Math.floor(t / 10), two = (x) => String(x).padStart(2, "0");
  const text = `${two(Math.floor(whole / 3600))}:${two(Math.floor(whole / 60) % 60)}`;
  return seconds ? `${text}:${two(whole % 60)}` : text;
}
