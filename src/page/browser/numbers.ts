/**
 * A number with its thousands apart: 1,234.5. Up to so many digits behind the point. `toLocaleString` and `Intl` have it
 * as well, but the first use of them in a tab takes longer than drawing a list.
 */
export function grouped(value: number, digits = 0): string {
  const [whole = '', fraction = ''] = value.toFixed(digits).split('.');
  const kept = fraction.replace(/0+$/, '');
  return whole.replace(/\B(?=(\d{3})+$)/g, ',') + (kept && `.${kept}`);
}

export const ms = (us: number): string => `${grouped(us / 1000, us < 10_000 ? 2 : 1)} ms`;
