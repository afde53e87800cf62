/** Binary min-heap of numbers by priority; equal priorities come out in any order. */
export class Heap {
  readonly #items: number[] = [];
  readonly #priorities: number[] = [];

  push(item: number, priority: number): void {
    let at = this.#items.length;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (this.#priority(parent) <= priority) break;
      this.#move(parent, at);
      at = parent;
    }
    this.#items[at] = item;
    this.#priorities[at] = priority;
  }

  pop(): { item: number; priority: number } | undefined {
    const item = this.#items[0];
    const priority = this.#priorities[0];
    if (item === undefined || priority === undefined) return undefined;
    const lastItem = this.#items.pop() as number;
    const lastPriority = this.#priorities.pop() as number;
    const size = this.#items.length;
    if (size > 0) {
      let at = 0;
      for (;;) {
        let child = 2 * at + 1;
        if (child >= size) break;
        if (child + 1 < size && this.#priority(child + 1) < this.#priority(child)) child++;
        if (this.#priority(child) >= lastPriority) break;
        this.#move(child, at);
        at = child;
      }
      this.#items[at] = lastItem;
      this.#priorities[at] = lastPriority;
    }
    return { item, priority };
  }

  #priority(at: number): number {
    return this.#priorities[at] as number;
  }

  #move(from: number, to: number): void {
    this.#items[to] = this.#items[from] as number;
    this.#priorities[to] = this.#priorities[from] as number;
  }
}
