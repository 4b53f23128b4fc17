// Which months an axis names, so that names never meet (pure).
const NAME = 64; // px that "2011-11" takes, with air

/** Every how many months: whole shares of a year, then whole years. */
const STEPS = [1, 2, 3, 4, 6, 12, 24, 60, 120];

/** Indexes of the months to name, of `months` evenly spread over `width` px; the first always is. */
export function monthsNamed(months: number, width: number): number[] {
  const room = Math.max(1, Math.floor(width / NAME));
  const step = STEPS.find((every) => Math.ceil(months / every) <= room) ?? months;
  return Array.from({ length: Math.ceil(months / step) }, (_, index) => index * step);
}
