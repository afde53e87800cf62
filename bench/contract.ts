/** One line of a benchmark: our figure beside a peer's or a ceiling's from the same run. */
export interface BenchRow {
  measure: string;
  ours: string;
  peer: string;
  /** ours ÷ peer, or null when there is nothing to divide by. */
  ratio: number | null;
  goal: string;
}

/** A file of this folder that ends in `.bench.ts` exports this as `bench`. */
export interface Bench {
  name: string;
  /** What was measured, how, in a sentence or two. */
  method: string;
  run(): Promise<BenchRow[]>;
}
