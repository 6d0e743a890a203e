// Where a number stands on its track, and back: by ratio where it can only be positive, from zero by ratio where it
// may be zero and reaches far, else evenly. All functions are pure.

const REACH = 30; // a track of ratios without near bounds runs from a thirtieth of its middle to thirty times it
const NEAR = 1000; // bounds no further apart than this, as a ratio or in whole numbers, are the track's ends
const DIGITS = 12; // of sums, so that 0.1 + 0.2 is 0.3

// `low` and `high` bound the number, null where nothing does; `standard` is its default. The ends of a track without
// near bounds lie around the default, or around `value` where that lies beyond them.
export function trackOf({ low, high, standard, integer }, value) {
  low ??= -Infinity;
  high ??= Infinity;
  if (low > 0) return byRatio(low, high, standard, value);
  const isFar = standard ? high >= 100 * standard : high > 10;
  if (low === 0 && Number.isFinite(high) && isFar && !integer) return fromZero(high, standard);
  return evenly(low, high, standard, value, integer);
}

function byRatio(low, high, standard, value) {
  let [least, most] = [low, high];
  if (!(high / low <= NEAR)) {
    const middle = value >= standard / REACH && value <= standard * REACH ? standard : Math.min(Math.max(value, low), high);
    [least, most] = [Math.max(low, middle / REACH), Math.min(high, middle * REACH)];
  }
  const width = Math.log(most / least);
  return track(least, most, (x) => Math.log(x / least) / width, (at) => least * Math.exp(at * width),
    (x, share) => x * share);
}

// asinh(x / bend) is even below `bend` and by ratio above.
function fromZero(high, standard) {
  const bend = standard > 0 ? standard / 10 : high / 1000;
  const width = Math.asinh(high / bend);
  return track(0, high, (x) => Math.asinh(x / bend) / width, (at) => bend * Math.sinh(at * width),
    (x, share) => Math.max(x, bend) * share);
}

function evenly(low, high, standard, value, integer) {
  const reach = Math.max(integer ? 100 : 10, 2 * Math.abs(value - standard));
  const isNear = !integer || high - low <= NEAR;
  const least = isNear && Number.isFinite(low) ? low : Math.max(low, standard - reach);
  const most = isNear && Number.isFinite(high) ? high : Math.min(high, standard + reach);
  const width = most - least;
  return track(least, most, (x) => (x - least) / width, (at) => least + at * width, (x, share) => (width * share) / 5);
}

// `placeOf` maps a number to its place, 0 to 1, `numberAt` back; `stride(x, share)` is how far a key moves from x.
function track(least, most, placeOf, numberAt, stride) {
  return { least, most, placeOf: (x) => Math.min(Math.max(placeOf(x), 0), 1), numberAt, stride };
}

// The number of the fewest digits that stands within a pixel of `place` on a track of so many pixels.
export function numberAt(track, { low, high, integer }, place, pixels) {
  const at = Math.min(Math.max(place, 0), 1);
  if (at === 1 && track.most === high && isRound(high)) return high;
  const x = track.numberAt(at);
  const beside = track.numberAt(at < 0.5 ? at + 1 / pixels : at - 1 / pixels);
  let unit = 10 ** Math.floor(Math.log10(Math.abs(beside - x)));
  if (integer) unit = Math.max(unit, 1);
  let rounded = Math.round(x / unit) * unit;
  if (high !== null && rounded > high) rounded = Math.floor(high / unit) * unit;
  if (low !== null && rounded < low) rounded = integer ? low : Math.ceil(low / unit) * unit;
  return Number(rounded.toPrecision(DIGITS));
}

// One press of an arrow key further from x: by about a twentieth, or a quarter with Shift, as far as a bound that a
// person would name; where numbers must stay below 1, that is not 0.9999999999999999.
export function stepFrom(track, { low, high, integer }, x, direction, isLarge) {
  let stride = Number(track.stride(x, isLarge ? 0.25 : 0.05).toPrecision(1));
  if (integer) stride = Math.max(1, Math.round(stride));
  const next = Number((x + direction * stride).toPrecision(DIGITS));
  if (high !== null && next > high) return isRound(high) ? high : Math.min(x, high);
  if (low !== null && next < low) return isRound(low) ? low : Math.max(x, low);
  return next;
}

function isRound(x) {
  return String(x).length <= 7;
}

// The number that a person typed, or null: "0.03", "3e-2", ".03", "−1", and "0,03" where a comma can't part thousands.
export function numberIn(text) {
  let plain = text.trim().replace(/[−–]/g, "-");
  if (/^[+-]?\d+,\d+$/.test(plain) && !/^[+-]?[1-9]\d{0,2},\d{3}$/.test(plain)) plain = plain.replace(",", ".");
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(plain)) return null;
  const x = Number(plain);
  return Number.isFinite(x) ? x : null;
}

export function isAllowed(x, { low, high, integer }) {
  return x >= (low ?? -Infinity) && x <= (high ?? Infinity) && (!integer || Number.isInteger(x));
}
