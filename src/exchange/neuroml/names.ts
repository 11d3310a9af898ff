/** Names as NeuroML's identifiers: letters, digits and underscores, no digit first, each once. */
export class Ids {
  private readonly taken = new Set<string>();

  /** An identifier for a name: the name itself where it is one and is free. */
  of(name: string): string {
    const plain = name.replace(/[^A-Za-z0-9_]/g, "_").replace(/^(?=\d)/, "_") || "_";
    let id = plain;
    for (let n = 2; this.taken.has(id); n++) id = `${plain}_${n}`;
    this.taken.add(id);
    return id;
  }
}
