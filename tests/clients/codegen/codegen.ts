// GraphQL Code Generator's client preset: types of the operations, and their persisted documents.
import type { CodegenConfig } from "@graphql-codegen/cli";

const config: CodegenConfig = {
  schema: [{ [process.env.CRM_API!]: { headers: { authorization: `Bearer ${process.env.CRM_TOKEN}` } } }],
  documents: ["src/**/*.ts"],
  emitLegacyCommonJSImports: false,
  generates: {
    "./generated/": {
      preset: "client",
      presetConfig: { fragmentMasking: false, persistedDocuments: { hashAlgorithm: "sha256" } },
      config: { documentMode: "string", useTypeImports: true, scalars: { BigInt: "string", Decimal: "string" } },
    },
  },
};

export default config;
