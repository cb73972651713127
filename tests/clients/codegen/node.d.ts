// The little of Node that main.ts uses.
declare module "node:assert/strict" {
  const assert: { equal(actual: unknown, expected: unknown, message?: string): void; ok(value: unknown): void };
  export default assert;
}
declare const process: { env: Record<string, string | undefined> };
