/** Names as NeuroML's identifiers: letters, digits and underscores, no digit first, each once. */
export class Ids {
  private readonly taken = new Set<string>();
  /** The number that is tried next for a name: thousands may be alike. */
  private readonly next = new Map<string, number>();

  /** An identifier for a name: the name itself where it is one and is free. */
  of(name: string): string {
    const plain = name.replace(/[^A-Za-z0-9_]/g, "_").replace(/^(?=\d)/, "_") || "_";
    let id = plain;
    let number = this.next.get(plain) ?? 2;
    while (this.taken.has(id)) id = `${plain}_${number++}`;
    this.next.set(plain, number);
    this.taken.add(id);
    return id;
  }
}
