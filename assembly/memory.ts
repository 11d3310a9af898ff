/**
 * Memory: a pointer that only moves up. Nothing is freed, because a network's layout is fixed once it runs and an
 * instance serves one network; fresh pages are zero, so what is handed out is too.
 */

let top: usize = (__heap_base + 15) & ~15;

/** Beyond this no allocation is made: the last page stays free, so that `address + bytes` never wraps around. */
const LIMIT: f64 = 4294901760;

/** 16-byte aligned, zeroed memory that lives as long as the instance; 0 when there is none left. */
export function allocate(bytes: f64): usize {
  const end = <f64>top + ceil(bytes / 16) * 16;
  if (end > LIMIT) return 0;
  const missing = <i32>ceil(end / 65536) - memory.size();
  if (missing > 0 && memory.grow(missing) < 0) return 0;
  const address = top;
  top = <usize>end;
  return address;
}

/** Bytes handed out so far. */
export function allocated(): f64 {
  return <f64>top;
}

/** Makes the memory as large as a snapshot's, before its bytes are copied in; false when there is no room. */
export function restore(bytes: f64, end: f64): bool {
  const missing = <i32>ceil(bytes / 65536) - memory.size();
  if (missing > 0 && memory.grow(missing) < 0) return false;
  top = <usize>end;
  return true;
}

/** Whether a reference to one of our unmanaged classes points to something. Lists end with the address 0; AssemblyScript's
 * own null checks do not follow a reference through a loop. */
// @ts-ignore: decorator
@inline export function exists<C>(reference: C): bool {
  return changetype<usize>(reference) != 0;
}
