// How large a figure can be shown in the room it has (pure). Figures are tabular, so their width follows from their characters;
// measuring the page for it would lay it out twice with every push.

/** Widths of the display cut's bold characters, in em and rounded up; whatever is not named is a digit or a currency sign. */
const ODD_EM: Readonly<Record<string, number>> = { ",": 0.3, ".": 0.3, ":": 0.3, "\u202f": 0.2, "%": 0.92 };
const DIGIT_EM = 0.62;

/** What follows a value is set smaller. */
const UNIT_EM = 0.6;

/** Font size in px, at most `most`, at which `value` and its unit are no wider than `room` px. */
export function fit(value: string, unit: string, room: number, most: number): number {
  const em = widthOf(value) + widthOf(unit) * UNIT_EM;
  return em === 0 ? most : Math.min(most, Math.floor(room / em));
}

const widthOf = (text: string): number =>
  Array.from(text, (letter) => ODD_EM[letter] ?? DIGIT_EM).reduce((sum, width) => sum + width, 0);
