/** Decisions of serve/, each with its reason. */
export const limits = {
  /** What people take for "at once"; a store of 500 findings is looked through in some milliseconds. */
  watchEveryMs: 1000,
  /** Of reading findings at a stretch: until then the page answers nobody. */
  readStretchMs: 50,
  /** Proxies and browsers give up a connection that is silent for a minute or less. */
  beatEveryMs: 15_000,
  /** Who has taken nothing for so long is gone, or stuck: the place is for others. */
  stuckMs: 60_000,
  /** A lab's people with some windows each; each client costs what it has not yet taken: one event of each kind. */
  clientsMax: 64,
  /** With those that load files. */
  connectionsMax: 256,
  /** A page of 500 findings has 500 kB of them: what grows beyond this is cut, with a note. */
  findingsShownMax: 5000,
  /** A hunt writes every two seconds; a loaded machine is late. */
  silentAfterMs: 15_000,
  /** 16 characters of hex digits are 64 bits: nobody guesses that through a network. */
  tokenLengthMin: 16,
  tokenLengthMax: 256,
  /** Rates are those of the last seconds. */
  rateWindowMs: 15_000,
  /** Of a page that is asked for: what takes longer is not meant. */
  requestMs: 30_000,
} as const;
