import type { z } from "zod";

/** What is wrong, in one line: "quantity: Invalid input: …; sku: …". */
export const described = (error: z.ZodError): string =>
  error.issues.map(({ path, message }) => (path.length > 0 ? `${path.join(".")}: ${message}` : message)).join("; ");
