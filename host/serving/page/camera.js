// What part of the plane the map shows: fits itself to what there is, and moves only when it must. The plane has no tiles,
// but a grid of streets that gives a feeling of distance.

const METRES_A_DEGREE = 111_320;
const MARGIN = 56; // pixels
const SMALLEST_M = 700; // the least that is shown
const TOO_WIDE = 1.7; // so many times larger than what there is
const STREET_PX = 46; // the least between two streets
const SHORTEST_BLOCK_M = 50;
const APPROACH_MS = 320;

// A number in 0..1 that is always the same for the same one, so that streets stay where they are.
const scattered = (n) => {
  const x = Math.sin(n * 127.1) * 43758.5453;
  return x - Math.floor(x);
};

export class Camera {
  #width = 0;
  #height = 0;
  #origin = null; // of the plane, in degrees
  #view = null; // {x, y, scale}: metres at the centre, pixels a metre
  #target = null; // what the view approaches

  get ready() {
    return this.#view !== null && this.#width > 0;
  }

  get scale() {
    return this.#view.scale;
  }

  resize(width, height) {
    this.#width = width;
    this.#height = height;
  }

  // Metres east and south of the first position that was seen; right to a part in a thousand over a city.
  project({ latitude, longitude }) {
    this.#origin ??= { latitude, longitude, east: Math.cos((latitude * Math.PI) / 180) };
    return {
      x: (longitude - this.#origin.longitude) * METRES_A_DEGREE * this.#origin.east,
      y: (this.#origin.latitude - latitude) * METRES_A_DEGREE,
    };
  }

  pixels({ x, y }) {
    const px = (x - this.#view.x) * this.#view.scale + this.#width / 2;
    const py = (y - this.#view.y) * this.#view.scale + this.#height / 2;
    return `${px.toFixed(1)} ${py.toFixed(1)}`;
  }

  // Turns to these points when one of them is out of sight, when far more than them is shown, or anyway; true when it did.
  fit(points, anyway) {
    if (points.length === 0 || this.#width === 0) return false;
    const target = this.#around(boxOf(points));
    const fits = this.#target && points.every((point) => this.#isInSight(point));
    if (fits && !anyway && target.scale < TOO_WIDE * this.#target.scale) return false;
    this.#target = target;
    this.#view ??= { ...target };
    return true;
  }

  #around(box) {
    const across = (this.#width - 2 * MARGIN) / Math.max(box.width, SMALLEST_M);
    const down = (this.#height - 2 * MARGIN) / Math.max(box.height, (SMALLEST_M * this.#height) / this.#width);
    return { x: box.x, y: box.y, scale: Math.max(Math.min(across, down), 1e-4) };
  }

  #isInSight({ x, y }) {
    const dx = Math.abs(x - this.#target.x) * this.#target.scale;
    const dy = Math.abs(y - this.#target.y) * this.#target.scale;
    return dx < this.#width / 2 - MARGIN / 3 && dy < this.#height / 2 - MARGIN / 3;
  }

  // Goes a part of the way, or all of it; false when there is none to go.
  approach(elapsed, atOnce) {
    const [view, target] = [this.#view, this.#target];
    const aside = Math.hypot(target.x - view.x, target.y - view.y) * view.scale;
    const far = aside + Math.abs(Math.log(target.scale / view.scale));
    if (far === 0) return false;
    const part = atOnce || far < 0.3 ? 1 : 1 - Math.exp(-elapsed / APPROACH_MS);
    for (const name of ["x", "y", "scale"]) view[name] += (target[name] - view[name]) * part;
    if (part === 1) this.#view = { ...target };
    return true;
  }

  // Paths of the streets in sight; every fourth is an avenue.
  streets() {
    const [across, down] = [this.#lines("x", this.#width), this.#lines("y", this.#height)];
    const path = (wide) =>
      across
        .filter((line) => line.wide === wide)
        .map(({ at }) => `M${at} 0V${this.#height}`)
        .join("") +
      down
        .filter((line) => line.wide === wide)
        .map(({ at }) => `M0 ${at}H${this.#width}`)
        .join("");
    return { streets: path(false), avenues: path(true) };
  }

  #lines(axis, length) {
    const { [axis]: centre, scale } = this.#view;
    const block = SHORTEST_BLOCK_M * 2 ** Math.ceil(Math.log2(STREET_PX / (scale * SHORTEST_BLOCK_M)));
    const first = Math.floor((centre - length / 2 / scale) / block) - 1;
    return Array.from({ length: Math.ceil(length / (block * scale)) + 3 }, (_, i) => {
      const metres = (first + i + 0.35 * scattered(first + i + (axis === "x" ? 0 : 500))) * block;
      return { at: ((metres - centre) * scale + length / 2).toFixed(1), wide: (first + i) % 4 === 0 };
    });
  }

  // The roundest number of metres that takes at most so many pixels.
  roundLength(pixels) {
    const metres = pixels / this.#view.scale;
    const power = 10 ** Math.floor(Math.log10(metres));
    return [5, 2, 1].map((n) => n * power).find((n) => n <= metres) ?? power;
  }
}

function boxOf(points) {
  const [xs, ys] = [points.map((point) => point.x), points.map((point) => point.y)];
  const [left, right, top, bottom] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  return { x: (left + right) / 2, y: (top + bottom) / 2, width: right - left, height: bottom - top };
}
