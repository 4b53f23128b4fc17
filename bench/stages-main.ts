import { measureStages } from "./stages.ts";
import { USUAL } from "./workload.ts";

process.stdout.write(JSON.stringify(measureStages({ ...USUAL, events: Number(process.argv[2]) })));
