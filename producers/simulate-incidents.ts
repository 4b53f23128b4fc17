// npm run simulate -- incident …: makes something go wrong in the simulation that is running.
import type { Command } from "commander";
import { instant, positive } from "../runtime/arguments.ts";
import { currentRun } from "../runtime/local-run.ts";
import { INCIDENTS, type IncidentKind } from "./core/simulator/incidents.ts";
import { HOUR, MINUTE } from "./core/simulator/shop.ts";
import { addIncident, incidentFileOf, readIncidents, stopIncidents } from "./io/incident-file.ts";
import { DEFAULT_STATE, iso, stateOption } from "./simulate-arguments.ts";

/** The running simulator looks at its incidents every second: by then it has seen a new one. */
const NOTICE_MS = 3000;

const fileOf = (state: string | undefined): string => incidentFileOf(state ?? DEFAULT_STATE);

export function addIncidentCommands(program: Command): void {
  const incident = program
    .command("incident")
    .description("makes something go wrong in the simulation that is running");
  for (const [kind, about] of Object.entries(INCIDENTS))
    incident
      .command(kind)
      .description(about)
      .option("--minutes <n>", "for so long", positive, 10)
      .option("--channel <name>", "only for sessions from this channel, e.g. email")
      .option("--at <time>", "when it starts, in event time (default: now)", instant)
      .addOption(stateOption())
      .action(async (options: { minutes: number; channel?: string; at?: number; state?: string }) => {
        const from = options.at ?? Date.now() + NOTICE_MS;
        const to = Math.round(from + options.minutes * MINUTE);
        const added = { kind: kind as IncidentKind, from, to, channel: options.channel };
        await addIncident(fileOf(options.state), added, Date.now());
        print(`${kind} from ${iso(from)} to ${iso(to)}`);
        if (options.state === undefined && currentRun() === null)
          print("No shop is running here: npm start begins one, and it has this from then on.");
      });
  incident
    .command("list")
    .description("shows those of the last day, and those to come")
    .addOption(stateOption())
    .action(async ({ state }: { state?: string }) => {
      const now = Date.now();
      const shown = (await readIncidents(fileOf(state))).filter(({ to }) => to > now - 24 * HOUR);
      for (const { kind, from, to, channel } of shown)
        print(
          `${kind}${channel === undefined ? "" : ` (${channel})`} from ${iso(from)} to ${iso(to)}${to > now ? "" : ", over"}`,
        );
      if (shown.length === 0) print("no incidents");
    });
  incident
    .command("stop")
    .description("ends all that are on")
    .addOption(stateOption())
    .action(async ({ state }: { state?: string }) => {
      const stopped = await stopIncidents(fileOf(state), Date.now() + NOTICE_MS);
      print(stopped.length === 0 ? "none was on" : `stopped ${stopped.map(({ kind }) => kind).join(", ")}`);
    });
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
