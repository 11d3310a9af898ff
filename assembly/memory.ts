/**
 * Memory: a pointer that only moves up, except for scratch space, which is given back at once. A network's layout is fixed
 * once it runs and an instance serves one network; fresh and returned memory is zero, so what is handed out is too.
 *
 * The pointer lies in memory, not in a global: several instances may work on one shared memory in turn (shards).
 */

/** Where the next allocation goes (u32); 0 before the first one. */
const TOP: usize = memory.data(8, 8);

/** Beyond this no allocation is made: the last page stays free, so that `address + bytes` never wraps around. */
const LIMIT: f64 = 4294901760;

function top(): usize {
  const address = <usize>load<u32>(TOP);
  return address ? address : (__heap_base + 15) & ~15;
}

/** 16-byte aligned, zeroed memory; 0 when there is none left. */
export function allocate(bytes: f64): usize {
  const address = top();
  const end = <f64>address + ceil(bytes / 16) * 16;
  if (end > LIMIT) return 0;
  const missing = <i32>ceil(end / 65536) - memory.size();
  if (missing > 0 && memory.grow(missing) < 0) return 0;
  store<u32>(TOP, <usize>end);
  return address;
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
  const missing = <i32>ceil(bytes / 65536) - memory.size();
  return missing <= 0 || memory.grow(missing) >= 0;
}

/** Whether a reference to one of our unmanaged classes points to something. Lists end with the address 0; AssemblyScript's
 * own null checks do not follow a reference through a loop. */
// @ts-ignore: decorator
@inline export function exists<C>(reference: C): bool {
  return changetype<usize>(reference) != 0;
}
