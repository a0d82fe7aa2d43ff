/**
 * What a job remembers beside its status, and no event shows. Where QEMU may have done either, there are several
 * possible worlds; a reply filters them, and when none is left the reply was impossible.
 */
export type World = {
  /** `user_paused`: set by pause and by an error policy of stop, taken back by resume and by a forced cancel. */
  userPaused: boolean;
  cancel: 'none' | 'soft' | 'force';
  completeRequested: boolean;
};

export const freshWorld: World = { userPaused: false, cancel: 'none', completeRequested: false };

/** Every world: what is left when something the model does not follow may have touched the job. */
export const anyWorld: readonly World[] = [false, true].flatMap((userPaused) =>
  (['none', 'soft', 'force'] as const).flatMap((cancel) =>
    [false, true].map((completeRequested) => ({ userPaused, cancel, completeRequested })),
  ),
);

export function distinct(worlds: readonly World[]): World[] {
  const byKey = new Map(
    worlds.map((world) => [`${world.userPaused}${world.cancel}${world.completeRequested}`, world]),
  );
  return [...byKey.values()];
}
