/** How a version's outcome is shown, also to those who tell no colours apart. */
export const outcomeMarks = { shows: '●', 'fails-otherwise': '◐', 'does-not-show': '○', lacks: '–' };
export const outcomeWords = {
  shows: 'shows',
  'fails-otherwise': 'fails otherwise',
  'does-not-show': 'does not show',
  lacks: 'can not tell',
};
