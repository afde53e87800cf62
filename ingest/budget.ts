/**
 * Bytes of messages that wait for their commit. Above the limit nobody is read from any more; reading goes on when
 * half of it is free again. The limit is on what is accepted, so what was read from the sockets before the pause may
 * stand above it: at most one socket chunk per connection.
 */
export class ByteBudget {
  readonly #limit: number;
  readonly #onChange: (full: boolean) => void;
  #used = 0;
  #full = false;

  constructor(limit: number, onChange: (full: boolean) => void) {
    this.#limit = limit;
    this.#onChange = onChange;
  }

  get used(): number {
    return this.#used;
  }

  get full(): boolean {
    return this.#full;
  }

  take(bytes: number): void {
    this.#used += bytes;
    if (!this.#full && this.#used > this.#limit) this.#set(true);
  }

  give(bytes: number): void {
    this.#used -= bytes;
    if (this.#full && this.#used <= this.#limit / 2) this.#set(false);
  }

  #set(full: boolean): void {
    this.#full = full;
    this.#onChange(full);
  }
}
