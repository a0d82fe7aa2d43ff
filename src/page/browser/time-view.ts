/** Which part of the time is in sight. Pictures of the same time share one, and are told when it changes. */
export type TimeView = {
  readonly fromUs: number;
  readonly toUs: number;
  go(fromUs: number, toUs: number): void;
  /** More than 1 zooms out. */
  zoom(by: number, aroundUs?: number): void;
  /** By a share of what is in sight. */
  pan(by: number): void;
  /** Brings a moment into sight, in the middle where it was not. */
  reveal(us: number): void;
  listen(changed: () => void): void;
};

export function timeView(endUs: number, first: { fromUs: number; toUs: number }): TimeView {
  const seen = { ...first };
  const listeners: (() => void)[] = [];
  const view: TimeView = {
    get fromUs() {
      return seen.fromUs;
    },
    get toUs() {
      return seen.toUs;
    },
    go(fromUs, toUs) {
      const span = Math.min(endUs * 1.04 + 10, Math.max(leastSpanUs, toUs - fromUs));
      seen.fromUs = Math.max(-span * 0.02, Math.min(fromUs, endUs - span * 0.98));
      seen.toUs = seen.fromUs + span;
      for (const changed of listeners) changed();
    },
    zoom: (by, aroundUs = (seen.fromUs + seen.toUs) / 2) =>
      view.go(aroundUs - (aroundUs - seen.fromUs) * by, aroundUs + (seen.toUs - aroundUs) * by),
    pan(by) {
      const span = seen.toUs - seen.fromUs;
      view.go(seen.fromUs + by * span, seen.toUs + by * span);
    },
    reveal(us) {
      if (us >= seen.fromUs && us <= seen.toUs) return;
      const half = (seen.toUs - seen.fromUs) / 2;
      view.go(us - half, us + half);
    },
    listen: (changed) => void listeners.push(changed),
  };
  return view;
}

/** Closer than this there is nothing to see: observations are microseconds apart. */
export const leastSpanUs = 20;
