/** The nearest known name to a misspelt one. */

/**
 * Smallest number of insertions, deletions, substitutions and swaps of neighbours that turn one text into the other
 * (optimal string alignment). Stops counting above `limit`.
 */
export function editDistance(a: string, b: string, limit = Number.POSITIVE_INFINITY): number {
  if (Math.abs(a.length - b.length) > limit) return limit + 1;
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    let best = i;
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let cost = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        cost = Math.min(cost, (before[j - 2] ?? 0) + 1);
      row.push(cost);
      if (cost < best) best = cost;
    }
    // a swap looks two rows back, so one row above the limit does not end the search
    if (best > limit + 1) return limit + 1;
    before = last;
    last = row;
  }
  return last[b.length] ?? 0;
}

/**
 * The known name nearest to `name`, or undefined where none is near enough (a third of its length, at least one
 * letter). Upper and lower case, `_` and `-` do not count as a difference.
 */
export function nearestName(name: string, known: Iterable<string>): string | undefined {
  // no known name is this long; the distance to a huge text would take forever
  if (name.length > 64) return undefined;
  const wanted = plain(name);
  let found: string | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const candidate of known) {
    const target = plain(candidate);
    const limit = Math.max(1, Math.floor(Math.max(wanted.length, target.length) / 3));
    let distance = editDistance(wanted, target, limit);
    if (distance > limit) continue;
    // a single letter replaced by another is no misspelling of it
    if (distance > 0 && distance >= Math.max(wanted.length, target.length)) continue;
    if (name !== candidate) distance += 0.5 * (editDistance(name, candidate) / (1 + name.length + candidate.length));
    if (distance < least) {
      least = distance;
      found = candidate;
    }
  }
  return found;
}

function plain(name: string): string {
  return name.toLowerCase().replace(/[_-]/g, "");
}
