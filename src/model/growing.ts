/** Numbers that grow at the end and are taken away at the start. */
export class Growing<A extends Float64Array | Uint32Array> {
  private data: A;
  private first = 0;
  length = 0;

  constructor(empty: A) {
    this.data = empty;
  }

  push(value: number): void {
    this.reserve(1);
    this.data[this.first + this.length++] = value;
  }

  append(values: A): void {
    this.reserve(values.length);
    this.data.set(values, this.first + this.length);
    this.length += values.length;
  }

  /** The last number; -Infinity where there is none. */
  get last(): number {
    return (this.length > 0 ? this.data[this.first + this.length - 1] : undefined) ?? Number.NEGATIVE_INFINITY;
  }

  private reserve(more: number): void {
    const { data, first, length } = this;
    if (first + length + more <= data.length) return;
    // Where half of the room is free again, what is left moves to its start: a window needs no more than twice its
    // numbers.
    if (2 * (length + more) <= data.length) data.copyWithin(0, first, first + length);
    else {
      const room = Math.max(16, length + more, 2 * length);
      const grown = new (data.constructor as new (n: number) => A)(room);
      grown.set(data.subarray(first, first + length));
      this.data = grown;
    }
    this.first = 0;
  }

  /** Takes away the first `count` numbers. */
  drop(count: number): void {
    this.first += count;
    this.length -= count;
  }

  /** Hands the numbers over and starts anew. */
  release(): A {
    const held = this.view();
    this.data = this.data.slice(0, 0) as A;
    this.first = 0;
    this.length = 0;
    return held;
  }

  /** The numbers so far, not copied; valid until more are appended. */
  view(): A {
    return this.data.subarray(this.first, this.first + this.length) as A;
  }
}
