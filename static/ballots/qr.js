// A QR code drawn in this page (ISO/IEC 18004, byte mode, level M, versions 1 to 20), so that no secret leaves it for a picture.

const CHECK_WORDS = [0, 10, 16, 26, 18, 24, 16, 18, 22, 22, 26, 30, 22, 22, 24, 24, 28, 28, 26, 26, 26]; // per block, level M
const BLOCKS = [0, 1, 1, 1, 2, 2, 4, 4, 4, 5, 5, 5, 8, 9, 9, 10, 10, 11, 13, 14, 16];
const LAST = BLOCKS.length - 1;
const LEVEL_M = 0;
const QUIET = 4;
const MASKS = [
  (x, y) => (x + y) % 2 === 0,
  (x, y) => y % 2 === 0,
  (x) => x % 3 === 0,
  (x, y) => (x + y) % 3 === 0,
  (x, y) => (Math.floor(y / 2) + Math.floor(x / 3)) % 2 === 0,
  (x, y) => ((x * y) % 2) + ((x * y) % 3) === 0,
  (x, y) => (((x * y) % 2) + ((x * y) % 3)) % 2 === 0,
  (x, y) => (((x + y) % 2) + ((x * y) % 3)) % 2 === 0,
];

const sizeOf = (version) => 17 + 4 * version;

function alignments(version) {
  if (version === 1) return [];
  const count = Math.floor(version / 7) + 2;
  const step = Math.ceil((sizeOf(version) - 13) / (2 * count - 2)) * 2;
  return [6, ...Array.from({ length: count - 1 }, (_, i) => sizeOf(version) - 7 - step * (count - 2 - i))];
}

/** Whole code words that fit into the symbol beside its patterns. */
function capacity(version) {
  const marks = alignments(version).length;
  const shared = marks ? (marks * marks - 3) * 25 - (marks - 2) * 10 : 0; // two marks of a row share five cells with the timing line
  const information = 31 + (version >= 7 ? 36 : 0);
  const cells = sizeOf(version) ** 2 - 3 * 64 - 2 * (sizeOf(version) - 16) - shared - information;
  return Math.floor(cells / 8);
}

const dataWords = (version) => capacity(version) - CHECK_WORDS[version] * BLOCKS[version];

// GF(256) over x^8 + x^4 + x^3 + x^2 + 1
const EXP = [];
const LOG = [];
for (let i = 0, value = 1; i < 255; i += 1) {
  EXP[i] = value;
  LOG[value] = i;
  value = (value << 1) ^ (value & 0x80 ? 0x11d : 0);
}
const times = (a, b) => (a && b ? EXP[(LOG[a] + LOG[b]) % 255] : 0);

function generator(degree) {
  let product = [1];
  for (let i = 0; i < degree; i += 1) {
    const next = [...product, 0];
    product.forEach((factor, j) => (next[j + 1] ^= times(factor, EXP[i])));
    product = next;
  }
  return product.slice(1);
}

function checkWords(data, divisor) {
  const rest = new Array(divisor.length).fill(0);
  for (const word of data) {
    const lead = word ^ rest.shift();
    rest.push(0);
    divisor.forEach((factor, i) => (rest[i] ^= times(factor, lead)));
  }
  return rest;
}

function packed(bytes, version) {
  const bits = [];
  const put = (value, length) => {
    for (let i = length - 1; i >= 0; i -= 1) bits.push((value >> i) & 1);
  };
  put(0b0100, 4);
  put(bytes.length, version < 10 ? 8 : 16);
  bytes.forEach((byte) => put(byte, 8));
  const room = dataWords(version) * 8;
  put(0, Math.min(4, room - bits.length));
  put(0, (8 - (bits.length % 8)) % 8);
  for (let pad = 0xec; bits.length < room; pad ^= 0xec ^ 0x11) put(pad, 8);
  return Array.from({ length: room / 8 }, (_, i) => parseInt(bits.slice(i * 8, i * 8 + 8).join(""), 2));
}

/** Data and check words of all blocks, woven together. */
function woven(data, version) {
  const count = BLOCKS[version];
  const short = Math.floor(data.length / count);
  const shorter = count - (data.length % count);
  const divisor = generator(CHECK_WORDS[version]);
  const blocks = Array.from({ length: count }, (_, i) => {
    const start = i * short + Math.max(0, i - shorter);
    return data.slice(start, start + short + (i < shorter ? 0 : 1));
  });
  const checks = blocks.map((block) => checkWords(block, divisor));
  const weave = (rows, length) => Array.from({ length }, (_, i) => rows.map((row) => row[i])).flat().filter((word) => word !== undefined);
  return [...weave(blocks, short + 1), ...weave(checks, divisor.length)];
}

class Grid {
  constructor(version) {
    this.version = version;
    this.size = sizeOf(version);
    this.dark = Array.from({ length: this.size }, () => new Array(this.size).fill(false));
    this.taken = Array.from({ length: this.size }, () => new Array(this.size).fill(false));
    this.patterns();
  }

  set(x, y, dark) {
    if (x < 0 || y < 0 || x >= this.size || y >= this.size) return;
    this.dark[y][x] = Boolean(dark);
    this.taken[y][x] = true;
  }

  rings(x, y, reach, light) {
    for (let dy = -reach; dy <= reach; dy += 1) {
      for (let dx = -reach; dx <= reach; dx += 1) this.set(x + dx, y + dy, !light.includes(Math.max(Math.abs(dx), Math.abs(dy))));
    }
  }

  patterns() {
    const last = this.size - 7;
    for (let i = 0; i < this.size; i += 1) {
      this.set(6, i, i % 2 === 0);
      this.set(i, 6, i % 2 === 0);
    }
    for (const [x, y] of [[3, 3], [this.size - 4, 3], [3, this.size - 4]]) this.rings(x, y, 4, [2, 4]);
    const marks = alignments(this.version);
    for (const x of marks) {
      for (const y of marks) {
        if (![[6, 6], [6, last], [last, 6]].some(([a, b]) => a === x && b === y)) this.rings(x, y, 2, [1]);
      }
    }
    this.format(0);
    this.versionMarks();
  }

  format(mask) {
    const data = (LEVEL_M << 3) | mask;
    const bits = ((data << 10) | remainder(data << 10, 0x537, 10)) ^ 0x5412;
    const bit = (i) => (bits >> i) & 1;
    for (let i = 0; i < 6; i += 1) this.set(8, i, bit(i));
    this.set(8, 7, bit(6));
    this.set(8, 8, bit(7));
    this.set(7, 8, bit(8));
    for (let i = 9; i < 15; i += 1) this.set(14 - i, 8, bit(i));
    for (let i = 0; i < 8; i += 1) this.set(this.size - 1 - i, 8, bit(i));
    for (let i = 8; i < 15; i += 1) this.set(8, this.size - 15 + i, bit(i));
    this.set(8, this.size - 8, true);
  }

  versionMarks() {
    if (this.version < 7) return;
    const bits = (this.version << 12) | remainder(this.version << 12, 0x1f25, 12);
    for (let i = 0; i < 18; i += 1) {
      const [a, b] = [this.size - 11 + (i % 3), Math.floor(i / 3)];
      this.set(a, b, (bits >> i) & 1);
      this.set(b, a, (bits >> i) & 1);
    }
  }

  /** Up and down in pairs of columns from the right, past the timing line. */
  *free() {
    for (let right = this.size - 1, up = true; right > 0; right -= 2, up = !up) {
      if (right === 6) right = 5;
      for (let i = 0; i < this.size; i += 1) {
        const y = up ? this.size - 1 - i : i;
        for (const x of [right, right - 1]) if (!this.taken[y][x]) yield [x, y];
      }
    }
  }

  fill(words, mask) {
    let i = 0;
    for (const [x, y] of this.free()) {
      const bit = i < words.length * 8 ? (words[i >> 3] >> (7 - (i & 7))) & 1 : 0;
      this.dark[y][x] = Boolean(bit) !== MASKS[mask](x, y);
      i += 1;
    }
    this.format(mask);
    return this;
  }
}

function remainder(value, divisor, degree) {
  let rest = value;
  for (let i = 31 - Math.clz32(rest); rest >> degree; i = 31 - Math.clz32(rest)) rest ^= divisor << (i - degree);
  return rest;
}

const RUN = /(0{5,}|1{5,})/g;
const FINDER = /(?=00001011101|10111010000)/g;

/** How hard a symbol is to read: long runs, blocks, patterns like the corners, too much of one colour. */
function penalty(dark) {
  const rows = dark.map((row) => row.map(Number).join(""));
  const columns = dark.map((_, x) => dark.map((row) => Number(row[x])).join(""));
  let total = 0;
  for (const line of [...rows, ...columns]) {
    for (const [run] of line.matchAll(RUN)) total += run.length - 2;
    total += 40 * [...line.matchAll(FINDER)].length;
  }
  for (let y = 1; y < dark.length; y += 1) {
    for (let x = 1; x < dark.length; x += 1) {
      if (dark[y][x] === dark[y - 1][x] && dark[y][x] === dark[y][x - 1] && dark[y][x] === dark[y - 1][x - 1]) total += 3;
    }
  }
  const share = rows.join("").replace(/0/g, "").length / dark.length ** 2;
  return total + 10 * Math.floor(Math.abs(share - 0.5) * 20);
}

/** The cells of the symbol, true for dark, without the quiet zone. `mask` is chosen unless given. */
export function qrCells(text, mask) {
  const bytes = [...new TextEncoder().encode(text)];
  let version = 1;
  while (version <= LAST && dataWords(version) < bytes.length + (version < 10 ? 2 : 3)) version += 1;
  if (version > LAST) throw new Error("too long for a code");
  const words = woven(packed(bytes, version), version);
  const tried = (mask === undefined ? [...MASKS.keys()] : [mask]).map((m) => new Grid(version).fill(words, m).dark);
  return tried.map((dark) => [penalty(dark), dark]).sort((a, b) => a[0] - b[0])[0][1];
}

/** The code as a picture in the page. `label` tells what it is to whoever does not see it. */
export function qrPicture(text, label) {
  const cells = qrCells(text);
  const side = cells.length + 2 * QUIET;
  const path = cells.flatMap((row, y) => row.map((dark, x) => (dark ? `M${x + QUIET} ${y + QUIET}h1v1h-1z` : ""))).join("");
  const space = "http://www.w3.org/2000/svg";
  const picture = document.createElementNS(space, "svg");
  const drawn = document.createElementNS(space, "path");
  for (const [name, value] of Object.entries({ viewBox: `0 0 ${side} ${side}`, role: "img", "aria-label": label, class: "bl-qr" })) {
    picture.setAttribute(name, value);
  }
  drawn.setAttribute("d", path);
  picture.append(drawn);
  return picture;
}
