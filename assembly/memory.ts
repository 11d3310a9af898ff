/**
 * Memory: a pointer that only moves up, except for scratch space, which is given back at once. A network's layout is
 * fixed once it runs and an instance serves one network; fresh and returned memory is zero, so what is handed out is
 * too.
 *
 * The pointer lies in memory, not in a global: several instances may work on one shared memory in turn (shards).
 */

/** Pages that the memory grows ahead of need at most: 64 MB. */
const MOST_AHEAD: i32 = 1024;

/** Where the next allocation goes (u32); 0 before the first one. */
const TOP: usize = memory.data(8, 8);

/** Pages that may be used. */
const LAST_PAGE: i32 = 65535;

/** Beyond this no allocation is made: the last page stays free, so that `address + bytes` never wraps around. */
const LIMIT: f64 = <f64>LAST_PAGE * 65536;

function top(): usize {
  const address = <usize>load<u32>(TOP);
  return address ? address : (__heap_base + 15) & ~15;
}

/** 16-byte aligned, zeroed memory; 0 when there is none left. */
export function allocate(bytes: f64): usize {
  const address = top();
  const end = <f64>address + ceil(bytes / 16) * 16;
  if (end > LIMIT) return 0;
  if (!grown(<i32>ceil(end / 65536))) return 0;
  store<u32>(TOP, <usize>end);
  return address;
}

/**
 * Makes the memory so many pages large, or larger: engines make a new buffer with each growth and count all of its
 * bytes as newly allocated, so that hundreds of small growths would keep their garbage collectors busy. Untouched pages
 * cost nothing.
 */
function grown(pages: i32): bool {
  const size = memory.size();
  if (pages <= size) return true;
  const ample = min(pages + min(size >> 1, MOST_AHEAD), LAST_PAGE);
  return memory.grow(ample - size) >= 0 || memory.grow(pages - size) >= 0;
}

/** Bytes handed out so far: what is allocated from here on can be released together. */
export function allocated(): f64 {
  return <f64>top();
}

/** Gives back all that was allocated since `allocated()` answered `mark`. */
export function release(mark: f64): void {
  const from = <usize>mark;
  memory.fill(from, 0, top() - from);
  store<u32>(TOP, from);
}

/** Makes the memory as large as a snapshot's, before its bytes are copied in; false when there is no room. */
export function restore(bytes: f64): bool {
  return grown(<i32>ceil(bytes / 65536));
}

/**
 * Whether a reference to one of our unmanaged classes points to something. Lists end with the address 0;
 * AssemblyScript's own null checks do not follow a reference through a loop. */
// @ts-ignore: decorator
@inline export function exists<C>(reference: C): bool {
  return changetype<usize>(reference) != 0;
}
