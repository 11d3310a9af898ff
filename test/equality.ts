/**
 * A shorter way for `toEqual` where numbers are compared with numbers, of which results have hundreds of thousands: one
 * by one through all of its rules they take longer than the runs that made them. It only says what is equal, bit for
 * bit; all else is left to those rules. Imported once per process.
 */
import { expect } from "vitest";

function sameBytes(a: ArrayBufferView, b: ArrayBufferView): boolean {
  const bytes = (x: ArrayBufferView): Uint8Array => new Uint8Array(x.buffer, x.byteOffset, x.byteLength);
  return a.constructor === b.constructor && Buffer.compare(bytes(a), bytes(b)) === 0;
}

function sameNumbers(a: readonly unknown[], b: readonly unknown[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) {
    // Other values, holes among them, have rules of their own.
    if (typeof a[i] !== "number" || !Object.is(a[i], b[i])) return false;
  }
  return true;
}

expect.addEqualityTesters([
  (a: unknown, b: unknown): boolean | undefined => {
    if (typeof a !== "object" || typeof b !== "object") return undefined;
    if (Array.isArray(a) && Array.isArray(b)) return sameNumbers(a, b) || undefined;
    return (ArrayBuffer.isView(a) && ArrayBuffer.isView(b) && sameBytes(a, b)) || undefined;
  },
]);
