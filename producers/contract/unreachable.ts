/** Closes a switch: the compiler says when a case is missing, and a value from outside the types says so at run time. */
export function unreachable(value: never): never {
  throw new Error(`not a case: ${JSON.stringify(value)}`);
}
