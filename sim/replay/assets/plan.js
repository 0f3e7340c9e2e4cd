// The plan of an office: where its rooms, seats, queues and boxes are, in units that are scaled to the window.

const WIDE = {
  width: 1120, height: 560,
  own: { x: 0, y: 0, w: 190, h: 560, boxes: [[FORM, 0, 26, 190, 124], [CALLS, 0, 156, 190, 62], [WAY, 0, 224, 190, 76],
    [CORRECTING, 0, 306, 190, 110], [FETCHING, 0, 422, 190, 138]] },
  rooms: { phone: [206, 0, 262, 196], review: [480, 0, 436, 196], filing: [216, 236, 272, 314],
    studio: [496, 236, 120, 314], key: [624, 236, 130, 314], issue: [762, 236, 144, 314] },
  hall: [206, 208, 710, 352],
  steps: { x: 206, y: 568, w: 710, h: 150, most: 4 },
  out: { x: 932, y: 0, w: 188, h: 560, piles: [[LICENSED, 932, 26, 188, 206], [LATE, 932, 240, 188, 178],
    [DONE, 932, 426, 188, 92]], left: [932, 524, 188, 36] },
};
const TALL = {
  width: 780, height: 584,
  own: { x: 0, y: 0, w: 780, h: 112, boxes: [[FORM, 0, 22, 168, 90], [CALLS, 174, 22, 122, 90], [WAY, 302, 22, 146, 90],
    [CORRECTING, 454, 22, 150, 90], [FETCHING, 610, 22, 170, 90]] },
  rooms: { phone: [0, 120, 250, 150], review: [258, 120, 522, 150], filing: [10, 304, 300, 166],
    studio: [318, 304, 126, 166], key: [452, 304, 136, 166], issue: [596, 304, 174, 166] },
  hall: [0, 278, 780, 200],
  steps: { x: 0, y: 592, w: 780, h: 140, most: 4 },
  out: { x: 0, y: 486, w: 780, h: 98, piles: [[LICENSED, 0, 506, 300, 78], [LATE, 308, 506, 236, 78],
    [DONE, 552, 506, 228, 52]], left: [552, 560, 228, 24] },
};
const ROOMS = Object.keys(TALL.rooms);
// For a telephone held upright.
const NARROW = {
  width: 380, height: 872,
  own: { x: 0, y: 0, w: 380, h: 186, boxes: [[FORM, 0, 22, 122, 78], [CALLS, 129, 22, 122, 78], [WAY, 258, 22, 122, 78],
    [CORRECTING, 0, 106, 186, 80], [FETCHING, 194, 106, 186, 80]] },
  rooms: { phone: [0, 196, 142, 196], review: [150, 196, 230, 196], filing: [8, 426, 364, 140],
    studio: [8, 574, 114, 144], key: [130, 574, 114, 144], issue: [252, 574, 120, 144] },
  hall: [0, 400, 380, 326],
  steps: { x: 0, y: 880, w: 380, h: 130, most: 2 },
  out: { x: 0, y: 736, w: 380, h: 136, piles: [[LICENSED, 0, 756, 186, 76], [LATE, 194, 756, 186, 76],
    [DONE, 0, 838, 186, 34]], left: [194, 838, 186, 24] },
};
// Where somebody waits on the way to a stage, and for which.
const ON_THE_WAY_TO = { [CALLS]: ["phone"], [WAY]: ["filing", "studio", "key"] };

// Those of some [name, x, y, w, h] that are kept, in the room of all of them: side by side, or below each other.
function closedUp(boxes, keep) {
  const [at, size] = boxes.every((box) => box[1] === boxes[0][1]) ? [2, 4] : [1, 3];
  const kept = boxes.filter(([name]) => keep(name)), last = boxes.at(-1), gap = 6;
  const whole = last[at] + last[size] - boxes[0][at] - gap * (kept.length - 1), sum = kept.reduce((all, box) => all + box[size], 0);
  let next = boxes[0][at];
  return kept.map((box) => {
    const wide = [...box];
    [wide[at], wide[size]] = [next, (whole * box[size]) / sum];
    next += wide[size] + gap;
    return wide;
  });
}

// Boxes by rows, those at the same height; a column is one row.
function rowsOf(boxes) {
  const heights = [...new Set(boxes.map((box) => box[2]))];
  return heights.length === boxes.length ? [boxes] : heights.map((y) => boxes.filter((box) => box[2] === y));
}

// The shape of offices that use some stages only: the others take no room.
function withStages(shape, used, spots) {
  if (Object.keys(shape.rooms).every((name) => used.includes(name))) return withSteps(shape, used);
  const rooms = {}, rows = rowsOf(Object.entries(shape.rooms).map(([name, box]) => [name, ...box]));
  let free = 0;
  for (const row of rows) {
    const kept = closedUp(row, (name) => used.includes(name));
    for (const [name, x, y, w, h] of kept) rooms[name] = [x, y - free, w, h + free];
    // In the hall the next row takes the room of one to which nobody comes.
    free = kept.length || row[0][0] === "phone" ? 0 : free + row[0][4] + 8;
  }
  const needed = (place) => !ON_THE_WAY_TO[place] || spots[place] || ON_THE_WAY_TO[place].some((name) => used.includes(name));
  const boxes = rowsOf(shape.own.boxes).flatMap((row) => closedUp(row, needed));
  return withSteps({ ...shape, rooms, own: { ...shape.own, boxes } }, used);
}

// Steps that an office has besides get rooms of their own, in rows below all others.
function withSteps(shape, stages) {
  const names = stages.filter((name) => !ROOMS.includes(name));
  if (!names.length) return shape;
  const { x, y, w, h, most } = shape.steps, rooms = { ...shape.rooms }, wide = (w + 8) / Math.min(names.length, most);
  names.forEach((name, i) => {
    rooms[name] = [x + (i % most) * wide, y + Math.floor(i / most) * (h + 8), wide - 8, h];
  });
  return { ...shape, rooms, height: y + Math.ceil(names.length / most) * (h + 8) };
}

const HEAD = 56, CELL_W = 36, CELL_H = 58, ROW = 1.38;

// The largest pitch at which n fit into w by h, and how many do; rows are a little wider apart.
function grid(n, w, h, largest, smallest) {
  for (let pitch = largest; ; pitch = Math.max(smallest, pitch - 0.5)) {
    const columns = Math.max(1, Math.floor(w / pitch)), rows = Math.max(1, Math.floor(h / (pitch * ROW)));
    if (columns * rows >= n || pitch <= smallest) return { columns, rows, pitch, room: columns * rows };
  }
}

// Servers that are there on any of the days, by pool.
function serversOf(office) {
  const days = office.rawDays.map((_, number) => office.day(number));
  return office.pools.map((pool) => {
    const all = Array.from({ length: pool.servers }, (_, i) => pool.first + i);
    return all.filter((server) => days.some((day) => day.everThere(server)));
  });
}

// How n seats are placed: as large as they can be without more rows than they need anyway.
function seating(n, w, h) {
  const at = (size) => {
    const columns = Math.max(1, Math.min(n || 1, Math.floor(w / (CELL_W * size))));
    return { size, columns, rows: Math.ceil(n / columns) };
  };
  let size = 1;
  while (size > 0.4 && at(size).rows * CELL_H * size > h) size -= 0.05;
  while (size < 1.4 && at(size + 0.05).rows === at(size).rows && at(size + 0.05).rows * CELL_H * (size + 0.05) <= h) size += 0.05;
  return at(size);
}

// The queue stands below the seats, or beside them where there is more room.
function queueIn(x, y, w, h, size, columns, rows, longest) {
  const seatsW = columns * CELL_W * size, seatsH = rows * CELL_H * size;
  const below = [x + 8, y + HEAD + seatsH + 6, w - 16, h - HEAD - seatsH - 10];
  const beside = [x + seatsW + 22, y + HEAD - 6, w - seatsW - 30, h - HEAD];
  const [left, top, wide, high] = below[2] * below[3] >= beside[2] * beside[3] ? below : beside;
  const all = grid(longest, wide, high, 22, 5);
  // For those who find no room there is a line at the bottom.
  return { x: left, y: top, ...(all.room < longest ? grid(longest, wide, high - 18, 22, 5) : all) };
}

// `most` says how many are in a place at most, so that both offices and all days have the same scale.
function planOf(office, shape, most) {
  const plan = { width: shape.width, height: shape.height, shape, rooms: {}, boxes: {}, seats: new Map() };
  office.serversByPool ||= serversOf(office);
  office.stages.forEach((name, stage) => {
    if (!shape.rooms[name]) return;
    const [x, y, w, h] = shape.rooms[name];
    const pool = office.pools.findIndex((one) => one.stage === name);
    const servers = pool < 0 ? [] : office.serversByPool[pool];
    const { size, columns, rows } = seating(servers.length, w - 12, (h - HEAD) * 0.6);
    servers.forEach((server, i) => {
      plan.seats.set(server, {
        x: x + 6 + ((i % columns) + 0.5) * CELL_W * size, y: y + HEAD + Math.floor(i / columns) * CELL_H * size,
        size, stage, pool,
      });
    });
    plan.rooms[stage] = { name, x, y, w, h, servers, queue: queueIn(x, y, w, h, size, columns, rows, most.longest[name] || 0) };
  });
  for (const [place, x, y, w, h] of [...shape.own.boxes, ...shape.out.piles]) {
    const space = grid(most.spots[place] || 0, w - 14, h - 28, 18, 3.5);
    // Nothing is late for a target on another clock.
    const hidden = place === LATE && office.limit === Infinity;
    plan.boxes[place] = { place, x, y, w, h, left: x + 7, top: y + 24, hidden, ...space };
  }
  // What machines approve is beside those who review.
  const review = plan.rooms[office.stages.indexOf("review")];
  if (review) {
    plan.boxes[MACHINE] = { place: MACHINE, left: review.x + review.w - 60, top: review.y + 20, hidden: true,
      ...grid(most.spots[MACHINE] || 0, 54, 20, 12, 3.5) };
  }
  const [x, y, w, h] = shape.out.left;
  plan.exit = { x: x + w - 14, y: y + h - 4 };
  plan.door = { x: shape.own.x + 4, y: shape.own.y + shape.own.h / 2 };
  return plan;
}

// The n-th spot of a grid, in lines that all begin at the left, and of a queue, that goes to and fro.
function spotIn(box, n, point) {
  const k = n % box.room;
  point.x = box.left + ((k % box.columns) + 0.5) * box.pitch;
  point.y = box.top + (Math.floor(k / box.columns) + 0.9) * box.pitch * ROW;
  point.size = Math.min(1.3, box.pitch / 13.5);
}

function standingIn(queue, n, point) {
  const k = Math.min(n, queue.room - 1), row = Math.floor(k / queue.columns), along = k % queue.columns;
  point.x = queue.x + ((row % 2 ? queue.columns - 1 - along : along) + 0.5) * queue.pitch;
  point.y = queue.y + (row + 0.95) * queue.pitch * ROW;
  point.size = Math.min(1.4, queue.pitch / 14.5);
}
