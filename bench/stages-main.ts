import { measureStages } from "./stages.ts";
import type { Workload } from "./workload.ts";

process.stdout.write(JSON.stringify(measureStages(JSON.parse(process.argv[2]!) as Workload)));
