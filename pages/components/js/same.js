// Whether two lists hold the same things in the same order.
export function same(a, b) {
  return a.length === b.length && a.every((value, i) => value === b[i]);
}
