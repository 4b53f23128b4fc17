// Runs random lives until one goes wrong; prints its seed and what was wrong, or nothing. Code that throws has no wrong rows.
//   node --import tsx tests/support/lives-main.ts LIVES [PRACTICE=false …]
import { SOUND, violations, type Practice } from "./lives.ts";

const [lives = "1000", ...broken] = process.argv.slice(2);
const practice: Practice = { ...SOUND, ...Object.fromEntries(broken.map((name) => [name, false])) };
for (let seed = 1; seed <= Number(lives); seed++) {
  let problems: string[];
  try {
    problems = violations(seed, practice);
  } catch (error) {
    console.log(`life ${seed} threw: ${String(error).slice(0, 300)}`);
    break;
  }
  if (problems.length === 0) continue;
  console.log(`life ${seed}: ${problems[0]!.slice(0, 300)}`);
  break;
}
